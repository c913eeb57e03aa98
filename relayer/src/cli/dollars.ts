import { magnitude } from "@equipoise/sdk";

/** {dollar} of {ppm of a dollar}, for people */
export const dollars = (value: bigint): string => {
  const size = magnitude(value);
  return `${value < 0n ? "-" : ""}${size / 1_000_000n}.${(size % 1_000_000n).toString().padStart(6, "0")}`;
};
