import { concat, type Hex, hexToBigInt, hexToNumber, size, slice, toHex } from "viem";

/** What a message buys at its destination. */
export type ReceiveOptions = {
  /** {gas} for the receiver */
  readonly gas: bigint;
  /** {wei} sent along */
  readonly value: bigint;
};

/** Options bytes are not of type 3, or are cut short. */
export class OptionsMalformed extends Error {
  override name = "OptionsMalformed";
  constructor(options: Hex, reason: string) {
    super(`options ${options} cannot be read: ${reason}; encode them as type 3`);
  }
}

const TYPE_3 = 3;
const EXECUTOR = 1;
const RECEIVE = 1;

/** Type 3 options with one receive option; without value the short form. */
export function encodeReceiveOptions({ gas, value = 0n }: { readonly gas: bigint; readonly value?: bigint }): Hex {
  const data = value === 0n ? toHex(gas, { size: 16 }) : concat([toHex(gas, { size: 16 }), toHex(value, { size: 16 })]);
  const head = [toHex(TYPE_3, { size: 2 }), toHex(EXECUTOR, { size: 1 }), toHex(size(data) + 1, { size: 2 })];
  return concat([...head, toHex(RECEIVE, { size: 1 }), data]);
}

/** Adds up the receive options, as executors do. Options for other workers, or of other types, are passed over. */
export function decodeReceiveOptions(options: Hex): ReceiveOptions {
  if (size(options) < 2 || hexToNumber(slice(options, 0, 2)) !== TYPE_3)
    throw new OptionsMalformed(options, "no type 3");
  const total = { gas: 0n, value: 0n };
  for (let cursor = 2; cursor < size(options); ) {
    if (cursor + 4 > size(options)) throw new OptionsMalformed(options, `an option is cut short at byte ${cursor}`);
    const worker = hexToNumber(slice(options, cursor, cursor + 1));
    const length = hexToNumber(slice(options, cursor + 1, cursor + 3));
    const end = cursor + 3 + length;
    if (length === 0 || end > size(options))
      throw new OptionsMalformed(options, `an option is cut short at byte ${cursor}`);
    if (worker === EXECUTOR && hexToNumber(slice(options, cursor + 3, cursor + 4)) === RECEIVE) {
      if (length !== 17 && length !== 33) throw new OptionsMalformed(options, `a receive option has ${length} bytes`);
      total.gas += hexToBigInt(slice(options, cursor + 4, cursor + 20));
      if (length === 33) total.value += hexToBigInt(slice(options, cursor + 20, cursor + 36));
    }
    cursor = end;
  }
  return total;
}
