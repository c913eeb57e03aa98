import { LONG_ONE, longDensity, longExp, longLn, longNormal, longOf } from "./longNumbers.ts";
import { ARGUMENT_UNIT, GRID_BITS, type TableName } from "./shapes.ts";

/** {long} the function of a table at an integer argument */
export function longValue(table: TableName, argument: bigint): bigint {
  switch (table) {
    case "normal":
      return longNormal(longOf(ARGUMENT_UNIT.numerator * argument, 1n << ARGUMENT_UNIT.shift));
    case "density":
      return longDensity(longOf(ARGUMENT_UNIT.numerator * argument, 1n << ARGUMENT_UNIT.shift));
    case "logarithm":
      return longLn(LONG_ONE + longOf(argument, 1n << 29n));
    case "exponential":
      return longExp(longOf(argument, 1n << BigInt(GRID_BITS)) - longOf(3n, 4n));
  }
}
