import { describe, expect, it } from "vitest";
import { canonical } from "./agreement.ts";
import type { Answer } from "./endpoint.ts";
import { chooseEstimate } from "./estimate.ts";

const chosen = (method: string, ...answers: Answer[]) =>
  chooseEstimate(
    method,
    answers.map((answer, place) => ({ label: `${place}`, answer, text: canonical(answer) })),
    2,
  );
const amounts = (...values: string[]): Answer[] => values.map((result) => ({ result }));
const refusal = (data: string): Answer => ({ error: { code: 3, message: "execution reverted", data } });
const GAS = "eth_estimateGas";
const PRICE = "eth_gasPrice";

describe("chooseEstimate", () => {
  it("default: the middle amount; of two the lower price and the higher gas", () => {
    for (const method of [GAS, PRICE])
      expect(chosen(method, ...amounts("0xff", "0x3", "0x10"))).toEqual({ result: "0x10" });
    expect(chosen(PRICE, ...amounts("0x10", "0x9"))).toEqual({ result: "0x9" });
    expect(chosen(GAS, ...amounts("0x10", "0x9"))).toEqual({ result: "0x10" });
    expect(chosen(GAS, ...amounts("0x12", "0x9"))).toEqual({ result: "0x12" });
    expect(chosen(PRICE, ...amounts("0x9"))).toEqual({ result: "0x9" });
  });

  it("behavior: of two that make gas more than twice the other's neither is chosen, whichever is wrong; a third decides", () => {
    expect(chosen(GAS, ...amounts("0x13", "0x9"))).toBeUndefined();
    expect(chosen(GAS, ...amounts("0x1", "0x2", "0x5", "0x9"))).toBeUndefined();
    for (const third of ["0x9", "0x10"])
      expect(chosen(GAS, ...amounts("0xffffff", "0x9", third))).toEqual({ result: third });
    expect(chosen(PRICE, ...amounts("0xffffff", "0x9"))).toEqual({ result: "0x9" });
  });

  it("behavior: what is no amount is nothing", () => {
    expect(chosen(GAS, ...amounts("much", "0x9"))).toEqual({ result: "0x9" });
  });

  it("behavior: anything else as most say, or as the first", () => {
    expect(chosen("eth_call", ...amounts("0x01", "0x02", "0x02"))).toEqual({ result: "0x02" });
    expect(chosen("eth_call", ...amounts("0x01", "0x02"))).toEqual({ result: "0x01" });
  });

  it("behavior: a refusal where a quorum says it alike, or nobody gives a result", () => {
    expect(chosen(GAS, refusal("0xaa"), { result: "0x9" }, refusal("0xaa"))).toEqual(refusal("0xaa"));
    expect(chosen(GAS, refusal("0xaa"), { result: "0x9" }, refusal("0xbb"))).toEqual({ result: "0x9" });
    expect(chosen(GAS, refusal("0xaa"), refusal("0xbb"))).toEqual(refusal("0xaa"));
    expect(chosen(GAS)).toBeUndefined();
  });
});
