import { describe, expect, it } from "vitest";
import { runCommandLine } from "./commandLine.ts";
import { COMMANDS } from "./commands.ts";

async function refusal(...args: string[]): Promise<{ code: number; said: string }> {
  const lines: string[] = [];
  const terminal = { out: () => undefined, error: (line: string) => void lines.push(line) };
  return { code: await runCommandLine(["demo", ...args], COMMANDS, terminal), said: lines.join("\n") };
}

describe("equipoise demo", () => {
  it("error: EpochsOutOfRange below three, which only clearing allows", async () => {
    expect(await refusal("--epochs", "1")).toMatchObject({ code: 1, said: expect.stringContaining("3 to 100") });
    expect(await refusal("--clearing", "--epochs", "0")).toMatchObject({
      code: 1,
      said: expect.stringContaining("1 to 100"),
    });
  });

  it("error: UsageWrong for options without clearing", async () => {
    expect(await refusal("--options", "marks.csv")).toMatchObject({
      code: 2,
      said: expect.stringContaining("--clearing"),
    });
  });

  it("error: OptionsFileMissing names the file", async () => {
    const said = expect.stringMatching(/OptionsFileMissing.*nowhere\.csv/);
    expect(await refusal("--clearing", "--options", "nowhere.csv")).toMatchObject({ code: 1, said });
  });
});
