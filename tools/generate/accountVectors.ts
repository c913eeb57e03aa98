/** Accounts and their words: what the house keeps is what the margin statement has. */
import { seededDraws } from "../../sdk/src/model/seededDraws.ts";
import { LANE_COUNT, SIZES } from "../../sdk/src/protocol.ts";
import { accountWordsOf, packAccount } from "../../sdk/src/statements/margin.ts";
import { linedText } from "./linedText.ts";

/** {ppm} the greatest of any amount of an account: docs/clearing.md, H */
const LARGEST = (1n << 62n) - 1n;
const SERIES = 64;
const NOTE = "written by tools/generate/accountVectors.ts; integers are decimal strings";

type Account = { series: bigint[]; quantities: bigint[]; cash: bigint; balances: bigint[] };

/** Path from the repository's root → text. Seeded, so always the same. */
export const accountVectorFiles = (): Map<string, string> =>
  new Map([
    [
      "test/vectors/accounts.json",
      linedText({ note: NOTE, accounts: accounts().map((account) => ({ ...account, words: wordsOf(account) })) }),
    ],
  ]);

function accounts(): Account[] {
  const draws = seededDraws(301);
  const upTo62Bits = () => (BigInt(draws.integer(0, 2 ** 31 - 1)) << 31n) | BigInt(draws.integer(1, 2 ** 31 - 1));
  const signed = () => (draws.integer(0, 1) === 0 ? upTo62Bits() : -upTo62Bits());
  const drawn = (count: number): Account => {
    const rest = Array.from({ length: SERIES }, (_, series) => BigInt(series));
    const series = Array.from({ length: count }, () => rest.splice(draws.integer(0, rest.length - 1), 1)[0] as bigint);
    return {
      series: series.sort((one, other) => Number(one - other)),
      quantities: series.map(signed),
      cash: signed(),
      balances: Array.from({ length: LANE_COUNT }, upTo62Bits),
    };
  };
  const most = Array.from({ length: SIZES.full.positions }, (_, place) =>
    BigInt(SERIES - SIZES.full.positions + place),
  );
  return [
    { series: [], quantities: [], cash: 0n, balances: new Array<bigint>(LANE_COUNT).fill(0n) },
    { series: most, quantities: most.map(() => LARGEST), cash: LARGEST, balances: most.slice(4).map(() => LARGEST) },
    { series: most, quantities: most.map(() => -LARGEST), cash: -LARGEST, balances: most.slice(4).map(() => 0n) },
    ...Array.from({ length: SIZES.full.positions + 1 }, (_, count) => drawn(count)),
  ];
}

function wordsOf({ series, quantities, cash, balances }: Account): bigint[] {
  const positions = series.map((number, place) => ({ series: Number(number), quantity: quantities[place] as bigint }));
  return accountWordsOf(packAccount({ positions, cash, balances }));
}
