import { describe, expect, it } from "vitest";
import { readConfig } from "./config.ts";

describe("readConfig", () => {
  it("default: nothing is kept", () => {
    expect(readConfig({})).toEqual({});
    expect(readConfig({ EQUIPOISE_STATE: "" })).toEqual({});
  });

  it("behavior: a folder keeps the relayer's file and the chains", () => {
    expect(readConfig({ EQUIPOISE_STATE: "/state" })).toEqual({
      storeFile: "/state/relayer.json",
      chainFolder: "/state/chains",
    });
  });
});
