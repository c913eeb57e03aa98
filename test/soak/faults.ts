import { setTimeout as pause } from "node:timers/promises";
import { reorganise } from "../../relayer/src/chains/clock.ts";
import type { Fault } from "../../relayer/src/rpc/faultyProxy.ts";
import type { DaemonFixture, FaultySite } from "../e2e/daemonFixture.ts";
import { type DaemonProcess, retry, said } from "../e2e/daemonProcess.ts";
import { askNode } from "../e2e/localFeeds.ts";

/** Draws of a seed. */
export type Draws = { readonly integer: (minimum: number, maximum: number) => number };

/** A relayer that is started again when it is killed, and others of the same account. */
export type Killable = {
  current: DaemonProcess;
  readonly restart: () => Promise<void>;
  readonly another: () => DaemonProcess;
};

const ENDPOINT_FAULTS = [
  "timesOut",
  "forgesLogs",
  "liesAboutLogs",
  "liesAboutCalls",
  "tooManyRequests",
  "lags",
  "refusesEstimates",
  "limitsInBody",
  "headerNotFound",
  "knowsNoHash",
  "limitsLogRanges",
  "otherFields",
  "liesAboutFees",
  "liesAboutGas",
  "exaggeratesGas",
  "refusesTransactions",
] as const satisfies readonly Fault[];

/** What can go wrong, each with what ends it. */
export const FAULT_KINDS = [
  "endpoint",
  "majority",
  "killed",
  "second",
  "database",
  "reorganised",
  "dear",
  "halted",
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

const one = <T>(draws: Draws, of: readonly T[]): T => of[draws.integer(0, of.length - 1)] as T;

/** Draws a fault, lets it last, ends it. What it was, for the table. */
export async function injectFault(
  fixture: DaemonFixture,
  relayer: Killable,
  draws: Draws,
): Promise<[FaultKind, string]> {
  const { server } = fixture;
  const needs: Partial<Record<FaultKind, unknown>> = { second: server, database: server?.crash }; // an embedded database is one's
  const possible = FAULT_KINDS.filter((kind) => !(kind in needs) || needs[kind] !== undefined);
  const kind = one(draws, possible);
  const site = one(draws, fixture.sites);
  const seconds = draws.integer(2, 12);
  const { chainId } = site.chain;
  const done = (detail: string): [FaultKind, string] => [kind, detail];
  if (kind === "endpoint") {
    const endpoint = one(draws, site.endpoints);
    endpoint.fault = one(draws, ENDPOINT_FAULTS);
    const detail = `${endpoint.fault} on ${chainId} for ${seconds} s`;
    await pause(seconds * 1_000);
    endpoint.fault = "none";
    return done(detail);
  }
  if (kind === "majority") {
    for (const endpoint of site.endpoints.slice(0, 2)) endpoint.fault = "liesAboutCalls";
    await pause(seconds * 1_000);
    for (const endpoint of site.endpoints) endpoint.fault = "none";
    await pause(4_000); // what was asked before is answered
    await retryChains(relayer.current); // what stopped for the lie goes on, as when somebody has looked
    return done(`two of three lie on ${chainId} for ${seconds} s`);
  }
  if (kind === "killed") {
    await relayer.restart();
    return done("the relayer, −9");
  }
  if (kind === "second") {
    const other = relayer.another();
    await pause(seconds * 1_000);
    if (draws.integer(0, 1) === 0) await relayer.restart();
    await other.kill();
    return done(`another relayer for ${seconds} s`);
  }
  if (kind === "database") {
    await said(relayer.current.lines, ({ msg }) => msg === "started"); // who starts without a database ends
    await server?.crash?.(() => pause(seconds * 1_000));
    return done(`no database for ${seconds} s`);
  }
  if (kind === "reorganised") {
    await reorganise(site.chain, 1); // less than what counts as final
    return done(`one block of ${chainId}`);
  }
  if (kind === "dear") {
    const { baseFeePerGas } = await site.chain.reader.getBlock();
    await askNode(site, "anvil_setNextBlockBaseFeePerGas", [`0x${(20n * (baseFeePerGas ?? 1n)).toString(16)}`]);
    return done(`gas of ${chainId} twentyfold`);
  }
  await haltMining(fixture, site, seconds);
  return done(`no blocks for ${seconds} s`);
}

async function haltMining(fixture: DaemonFixture, site: FaultySite, seconds: number): Promise<void> {
  fixture.mining.on = false;
  await askNode(site, "evm_setAutomine", [false]);
  await pause(seconds * 1_000);
  await askNode(site, "evm_setAutomine", [true]);
  fixture.mining.on = true;
}

/** `equipoise retry`, where the relayer is there to hear it. */
export async function retryChains({ lines }: DaemonProcess): Promise<void> {
  const port = lines.find(({ msg }) => msg === "started")?.port;
  if (port === undefined) return;
  await retry({ port: Number(port) }, { signal: AbortSignal.timeout(20_000) });
}
