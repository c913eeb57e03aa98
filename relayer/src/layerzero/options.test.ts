import { concat, type Hex, slice } from "viem";
import { describe, expect, it } from "vitest";
import { decodeReceiveOptions, encodeReceiveOptions, OptionsMalformed } from "./options.ts";

/** 200,000 gas, as LayerZero's own encoder writes it. */
const PUBLISHED: Hex = "0x00030100110100000000000000000000000000030d40";

describe("encodeReceiveOptions", () => {
  it("default: the bytes LayerZero publishes", () => {
    expect(encodeReceiveOptions({ gas: 200_000n })).toBe(PUBLISHED);
  });

  it("behavior: value takes the long form", () => {
    const options = encodeReceiveOptions({ gas: 1n, value: 2n });
    expect(decodeReceiveOptions(options)).toEqual({ gas: 1n, value: 2n });
  });
});

describe("decodeReceiveOptions", () => {
  it("default: adds up enforced and added options", () => {
    const added = slice(encodeReceiveOptions({ gas: 100_000n, value: 3n }), 2);
    expect(decodeReceiveOptions(concat([PUBLISHED, added]))).toEqual({ gas: 300_000n, value: 3n });
  });

  it("behavior: options of other workers and types are passed over", () => {
    const verifierOption: Hex = ("0x020003" + "00" + "01ff") as Hex;
    const orderedOption: Hex = "0x01000104";
    expect(decodeReceiveOptions(concat([PUBLISHED, verifierOption, orderedOption])).gas).toBe(200_000n);
  });

  it("error: OptionsMalformed", () => {
    expect(() => decodeReceiveOptions("0x")).toThrow(OptionsMalformed);
    expect(() => decodeReceiveOptions("0x0001")).toThrow("no type 3");
    for (let length = 3; length < 22; length++) {
      expect(() => decodeReceiveOptions(slice(PUBLISHED, 0, length))).toThrow(OptionsMalformed);
    }
  });
});
