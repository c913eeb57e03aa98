import { describe, expect, it } from "vitest";
import { type ApiItem, referenceOf, undocumented } from "./reference.ts";

const item = (name: string, docComment = "", text = `${name}: () => void`): ApiItem => ({
  name,
  kind: "Function",
  docComment,
  excerptTokens: [{ text }],
});
const documented = "/**\n * Gives a vault {@link Weights}.\n *\n * @throws CallReverted\n */\n";

describe("undocumented", () => {
  it("default: names what has no doc comment, and passes what comes with a documented export", () => {
    const items = [item("allocate", documented), item("allocateCall"), item("AllocateParameters"), item("redeem")];
    expect(undocumented({ subpath: "./actions", items })).toEqual([
      expect.stringContaining("./actions exports redeem without a doc comment"),
    ]);
  });

  it("behavior: a leader without a doc comment documents nobody", () => {
    const items = [item("packMarket"), item("unpackMarket")];
    expect(undocumented({ subpath: ".", items })).toHaveLength(2);
    expect(undocumented({ subpath: ".", items: [item("packMarket", documented), item("unpackMarket")] })).toEqual([]);
  });
});

describe("referenceOf", () => {
  it("default: a section per export, what comes with it inside", () => {
    const items = [
      item("allocate", documented),
      item("allocateCall"),
      item("bid", "/** Trades. */", "x".repeat(2_000)),
    ];
    const text = referenceOf({ subpath: "./actions", items }, "@equipoise/sdk");
    expect(text.split("\n## ")).toHaveLength(3);
    expect(text).toContain("# @equipoise/sdk/actions");
    expect(text).toContain("Gives a vault `Weights`.\n\n\n**throws** CallReverted");
    expect(text).toContain("allocate: () => void\n\nallocateCall: () => void");
    expect(text).toContain("x …");
  });
});
