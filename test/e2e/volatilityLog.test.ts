import { existsSync, readFileSync } from "node:fs";
import {
  draftVolatilityReport,
  type OptionMark,
  parseOptionMarks,
  surfaceArbitrages,
  type VolatilityReport,
  type VolatilitySlice,
  volatilityAt,
} from "@equipoise/sdk";
import {
  hashVolatilityReport,
  readVolatility,
  reportVolatility,
  reportVolatilityCall,
  revertOf,
  volatilityLogAbi,
} from "@equipoise/sdk/actions";
import type { Address } from "viem";
import { call, readContract } from "viem/actions";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chainTime } from "../../relayer/src/chains/index.ts";
import { seededDraws } from "../../sdk/src/model/seededDraws.ts";
import { startVolatility, type VolatilityFixture } from "./volatilityFixture.ts";

const OPTIONS = new URL("../../../shared/data/options-cc0-deribit-btc-2026-08-08.csv", import.meta.url);
const DAY = 1_786_147_200n; // 2026-08-08
const SPOT = 64_807_610_000_000_000n;

let fixture: VolatilityFixture;
beforeAll(async () => {
  fixture = await startVolatility(DAY, SPOT);
});
afterAll(() => fixture?.stop());

type Attempt = {
  readonly volatilityLog: Address;
  readonly report: VolatilityReport;
  readonly signers?: number;
  readonly chainId?: number;
};

/** Why a log would refuse a report in the next block, or nothing; the log stays as it is. */
async function refusalOf(attempt: Attempt): Promise<string | undefined> {
  const signatures = await fixture.sign(attempt);
  const { address: to, data } = reportVolatilityCall({ ...attempt, signatures });
  try {
    await call(fixture.client, { to, data, blockTag: "pending" });
    return undefined;
  } catch (error) {
    const revert = revertOf(error);
    if (revert === undefined) throw error;
    return revert.reason;
  }
}

/** Smiles at random, of which some admit arbitrage and some do not. */
function drawnReport(seed: number, observedAt: bigint): VolatilityReport {
  const draws = seededDraws(seed);
  const level = draws.integer(40, 60) / 100;
  const noise = [0, 0.02, 0.1][seed % 3] as number;
  const slices = [8n, 30n, 33n].map((days, i): VolatilitySlice => {
    const strikes = Array.from({ length: 6 }, (_, k) => (SPOT * BigInt(70 + 12 * k)) / 100n);
    const volatilities = strikes.map((strike) => {
      const distance = Math.log(Number(strike) / Number(SPOT));
      const smile = level + (0.15 - 0.03 * i) * distance ** 2 + noise * draws.normal();
      return BigInt(Math.round(smile * 1e6)) * 10n ** 6n;
    });
    return { expiry: observedAt + days * 86_400n, basis: 1_000n * days, strikes, volatilities };
  });
  return { underlying: 0n, observedAt, spot: SPOT, slices };
}

/** Reads of a log against the model's, at expiries up to beyond the last and strikes from none to four times the spot. */
async function expectSameReads(volatilityLog: Address, report: VolatilityReport, count: number): Promise<void> {
  const draws = seededDraws(501);
  for (let i = 0; i < count; i++) {
    const expiry = report.observedAt + BigInt(draws.integer(0, 400 * 86_400));
    const strike = (SPOT * BigInt(draws.integer(0, 4_000_000))) / 1_000_000n;
    const read = await readVolatility(fixture.client, { volatilityLog, underlying: 0n, expiry, strike });
    expect(read).toEqual(volatilityAt(report, expiry, strike));
  }
}

describe("volatility log", () => {
  it("default: a report of three signers, brought by anyone, is read as the model reads it", async () => {
    const { chain, client, sign } = fixture;
    const volatilityLog = await fixture.deployLog();
    const report = drawnReport(3, await chainTime(chain));
    const { functionName, ...asked } = {
      address: volatilityLog,
      abi: volatilityLogAbi,
      functionName: "hashReport",
    } as const;
    const hash = await readContract(client, { ...asked, functionName, args: [plainReport(report)] });
    expect(hash).toBe(hashVolatilityReport(chain.chainId, { volatilityLog, report }));

    const signatures = await sign({ volatilityLog, report });
    await reportVolatility(client, { volatilityLog, report, signatures: signatures.toReversed() });
    await expectSameReads(volatilityLog, report, 150);
    expect(await refusalOf({ volatilityLog, report })).toBe("ReportNotNewer");
  });

  it("error: signatures that are too few, or for another chain or log", async () => {
    const volatilityLog = await fixture.deployLog();
    const report = drawnReport(3, await chainTime(fixture.chain));
    expect(await refusalOf({ volatilityLog, report })).toBe(undefined);
    expect(await refusalOf({ volatilityLog, report, signers: 2 })).toBe("QuorumMissing");
    expect(await refusalOf({ volatilityLog, report, chainId: 1 })).toBe("SignerUnknown");
    const signatures = await fixture.sign({ volatilityLog: await fixture.deployLog(), report });
    await expect(reportVolatility(fixture.client, { volatilityLog, report, signatures })).rejects.toThrow(
      "SignerUnknown",
    );
  });

  it("behavior: what the model finds arbitrage in, the log refuses by the same name, and nothing else", async () => {
    const volatilityLog = await fixture.deployLog();
    const observedAt = await chainTime(fixture.chain);
    const seen = new Map<string | undefined, number>();
    for (let seed = 1; seed <= 60; seed++) {
      const report = drawnReport(seed, observedAt);
      const [arbitrage] = surfaceArbitrages(report);
      expect(await refusalOf({ volatilityLog, report }), `seed ${seed}`).toBe(arbitrage?.error);
      seen.set(arbitrage?.error, (seen.get(arbitrage?.error) ?? 0) + 1);
    }
    for (const verdict of [undefined, "CallValueRises", "CallValueNotConvex", "TotalVarianceFalls"]) {
      expect(seen.get(verdict), `${verdict}`).toBeGreaterThan(2);
    }
  });
});

describe.skipIf(!existsSync(OPTIONS))("a day of Bitcoin options (skipped where ../shared/data is absent)", () => {
  it("default: the drafted report is accepted and read as the model reads it; the marks as they are, are not", async () => {
    const { marks } = parseOptionMarks(readFileSync(OPTIONS, "utf8"));
    const volatilityLog = await fixture.deployLog();
    const observedAt = await chainTime(fixture.chain);
    const { report, leftOut } = draftVolatilityReport({ underlying: 0n, observedAt, spot: SPOT, marks });

    const { gasUsed } = await reportVolatility(fixture.client, {
      volatilityLog,
      report,
      signatures: await fixture.sign({ volatilityLog, report }),
    });
    const nodes = report.slices.reduce((sum, { strikes }) => sum + strikes.length, 0);
    console.info(`${nodes} of 415 strikes in a report of ${gasUsed} gas; left out: ${JSON.stringify(leftOut)}`);
    expect(gasUsed).toBeLessThan(2_500_000n);
    for (const { expiry, basis, strikes, volatilities } of report.slices) {
      for (const [k, strike] of strikes.entries()) {
        const read = await readVolatility(fixture.client, { volatilityLog, underlying: 0n, expiry, strike });
        expect(read).toEqual({ volatility: volatilities[k], basis });
      }
    }
    await expectSameReads(volatilityLog, report, 100);

    const raw = report.slices.map((slice) => ({ ...report, slices: [rawSlice(marks, report, slice)] }));
    const refused = raw.flatMap((rawReport) =>
      surfaceArbitrages(rawReport)
        .slice(0, 1)
        .map(({ error }) => ({ rawReport, error })),
    );
    expect(refused.length).toBeGreaterThan(0);
    const untouched = await fixture.deployLog();
    for (const { rawReport, error } of refused) {
      expect(await refusalOf({ volatilityLog: untouched, report: rawReport })).toBe(error);
    }
  });
});

/** Sixteen marks of an expiry next to each other around the spot, nothing left out. */
function rawSlice(marks: readonly OptionMark[], { spot }: VolatilityReport, slice: VolatilitySlice): VolatilitySlice {
  const byStrike = new Map(marks.filter(({ expiry }) => expiry === slice.expiry).map((mark) => [mark.strike, mark]));
  const strikes = [...byStrike.keys()].sort((a, b) => (a < b ? -1 : 1));
  const middle = strikes.findIndex((strike) => strike >= spot);
  const chosen = strikes.slice(Math.max(0, middle - 8), middle + 8);
  return { ...slice, strikes: chosen, volatilities: chosen.map((strike) => byStrike.get(strike)?.volatility ?? 0n) };
}

/** A report as the interface's types want it, writable. */
const plainReport = (report: VolatilityReport) => ({
  ...report,
  slices: report.slices.map((slice) => ({
    ...slice,
    strikes: [...slice.strikes],
    volatilities: [...slice.volatilities],
  })),
});
