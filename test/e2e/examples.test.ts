import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CircuitArtifacts, circuitArtifacts } from "@equipoise/circuits";
import {
  hubSite,
  localAccounts,
  observePrices,
  proveAndAcceptRisk,
  runEpoch,
  ticksOf,
  type VaultSite,
  vaultSitesOf,
  writeRecord,
} from "@equipoise/relayer";
import { type NewAllocation, readAllocation, waitForAllocation } from "@equipoise/sdk/actions";
import { prove, releaseProver } from "@equipoise/sdk/prover";
import { createClient, custom } from "viem";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readEveryVault } from "../../examples/everyVault.ts";
import { proveAndVerify } from "../../examples/proveAndVerify.ts";
import { vaultView } from "../../examples/vaultView.ts";
import { reorganise } from "../../relayer/src/chains/index.ts";
import { ASSETS, type PipelineFixture, startPipeline, TWO_MANDATES } from "./pipelineFixture.ts";

let fixture: PipelineFixture;
let parity: CircuitArtifacts;
const accounts = localAccounts();
const lastPrices = (): readonly bigint[] => fixture.series.prices.at(-1) ?? [];

/** The first mandate's vault on the hub. */
const hubVault = (): VaultSite => vaultSitesOf(fixture.restarted())[0] as VaultSite;

/** The example's parameters on the hub of the local deployment. */
function provingAt({ chain, deployment, vault }: VaultSite) {
  const { chain: hub, deployment: facts } = hubSite(fixture.restarted());
  return {
    client: chain.signer(accounts.relayer),
    vault,
    riskState: deployment.riskState,
    hub: { client: hub.reader, observationLog: facts.observationLog, fromBlock: BigInt(facts.block) },
    artifacts: { wasm: parity.wasm, zkey: parity.zkey },
    verificationKey: parity.verificationKey,
  };
}

beforeAll(async () => {
  const covariance = await circuitArtifacts("covariance_full");
  parity = await circuitArtifacts("parity_full");
  fixture = await startPipeline(
    { prove: (statement, input) => prove(statement, input, statement.circuit === "parity" ? parity : covariance) },
    { chainIds: [31_371, 31_372], parameters: { mandates: TWO_MANDATES, auctionLength: 600 } },
  );
  await observePrices(fixture.restarted(), ticksOf(fixture.series));
  await proveAndAcceptRisk(fixture.restarted());
}, 400_000);

afterAll(async () => {
  await fixture?.stop();
  await releaseProver();
});

describe("proveAndVerify and waitForAllocation", () => {
  it("default: the vault takes the proof, and who waits is told by which transaction", async () => {
    const site = hubVault();
    const { vault } = site;
    const { reader } = site.chain;
    const waiting = waitForAllocation(reader, { vault, pollingInterval: 5 });
    const next = waiting.next();
    const proven = await proveAndVerify(provingAt(site));
    expect(proven.index).toBe(240n);
    const { value } = (await next) as { value: NewAllocation };
    expect(value).toMatchObject({ index: 240n, weights: (await readAllocation(reader, { vault })).weights });
    expect(value.weights.slice(0, ASSETS)).toEqual(proven.allocation.weights.slice(0, ASSETS));
    expect(value.transaction?.hash).toBe(proven.hash);
    await waiting.return();
  });

  it("behavior: a second proof of the same is refused by name, and the example says what is followed", async () => {
    const again = await proveAndVerify(provingAt(hubVault()));
    expect(again).toMatchObject({ index: 240n });
    expect(again).not.toHaveProperty("hash");
  });

  it("behavior: what is newer than a known index is told at once", async () => {
    const { chain, vault } = hubVault();
    const { value } = await waitForAllocation(chain.reader, { vault, after: 0n }).next();
    expect(value).toMatchObject({ index: 240n });
    expect(value).not.toHaveProperty("transaction");
  });

  it("behavior: an allocation that a reorg takes back is told, and so is the next one, whose logs are shown a look late", async () => {
    const { chain, vault } = hubVault();
    let hidden = 3; // the two looks at what the reorg leaves have no logs anyway
    const late = createClient({
      transport: custom({
        request: async (request) =>
          request.method === "eth_getLogs" && hidden-- > 0 ? [] : await chain.reader.request(request),
      }),
    });
    const waiting = waitForAllocation(late, { vault, after: 0n, pollingInterval: 5 });
    expect(await waiting.next()).toMatchObject({ value: { index: 240n } });
    const next = waiting.next();
    await reorganise(chain, 1); // nothing was sent since the allocation but refused calls
    expect(await next).toMatchObject({ value: { index: 0n } });
    const again = waiting.next();
    const { hash } = await proveAndVerify(provingAt(hubVault()));
    expect(await again).toMatchObject({ value: { index: 240n, transaction: { hash } } });
    expect(hidden).toBe(-1);
    await waiting.return();
  });

  it("behavior: a node that gives no answer ends the waiting, and another goes on from what is known", async () => {
    const { chain, vault } = hubVault();
    let answers = 8;
    const failing = createClient({
      transport: custom(
        {
          request: async (request) => {
            if (answers-- > 0) return chain.reader.request(request);
            throw new TypeError("no answer");
          },
        },
        { retryCount: 0 },
      ),
    });
    const waiting = waitForAllocation(failing, { vault, after: 0n, pollingInterval: 5 });
    const { value } = (await waiting.next()) as { value: NewAllocation };
    await expect(waiting.next()).rejects.toThrow("no answer");
    expect(await waiting.next()).toEqual({ done: true, value: undefined });
    const { value: again } = await waitForAllocation(chain.reader, { vault, after: value.index - 1n }).next();
    expect(again).toMatchObject({ index: value.index });
  });

  it("behavior: an aborted signal ends the waiting with its reason", async () => {
    const { chain, vault } = hubVault();
    const signal = AbortSignal.timeout(50);
    const waiting = waitForAllocation(chain.reader, { vault, signal, pollingInterval: 3_600_000 });
    await expect(waiting.next()).rejects.toMatchObject({ name: "TimeoutError" });
    expect(await waiting.next()).toEqual({ done: true, value: undefined });
  });
});

describe("readEveryVault and vaultView", () => {
  beforeAll(async () => {
    await runEpoch(fixture.restarted(), lastPrices());
  }, 200_000);

  it("default: every vault on every chain follows the same weights", async () => {
    const { chains, deployment } = fixture.restarted();
    const folder = mkdtempSync(join(tmpdir(), "equipoise-record-"));
    const file = join(folder, "local.json");
    writeRecord(file, { version: 1, transactions: [], deployment });
    const record = JSON.parse(readFileSync(file, "utf8"));
    rmSync(folder, { recursive: true });
    const urls = Object.fromEntries(chains.map(({ chainId, rpcUrl }) => [chainId, rpcUrl]));
    const vaults = await readEveryVault(record, urls);
    const places = vaultSitesOf(fixture.restarted()).map(({ chain: { chainId }, mandate, vault }) => [
      ...[chainId, mandate, vault],
    ]);
    expect(vaults.map(({ chainId, mandate, vault }) => [chainId, mandate, vault])).toEqual(places);
    expect(vaults.map(({ chainId }) => chainId)).toEqual([31_371, 31_371, 31_372, 31_372]);
    for (const { mandate, index, behind, weights, value } of vaults) {
      expect({ index, behind }).toEqual({ index: 240n, behind: 0n });
      for (const other of vaults) expect(other.weights.join() === weights.join()).toBe(other.mandate === mandate);
      expect(value).toBeGreaterThan(0n);
    }
  });

  it("default: a vault's page adds up", async () => {
    for (const { chain, deployment, vault } of vaultSitesOf(fixture.restarted())) {
      const { riskState, tokens, cash } = deployment;
      const page = await vaultView(chain.reader, { vault, riskState });
      expect(page.assets.map(({ symbol }) => symbol)).toEqual([...tokens, cash].map(({ symbol }) => symbol));
      expect(page.assets.reduce((sum, { target }) => sum + target, 0)).toBeCloseTo(1, 9);
      expect(page.provenAt.getTime() / 1000).toBe(fixture.series.times.at(-1));
      // a thousand shares are worth what they hold, at the feeds' prices
      const held = page.assets.map(({ inLot }, place) => Number(inLot) * (Number(lastPrices()[place] ?? 1e18) / 1e18));
      expect(held.reduce((sum, amount) => sum + amount, 0)).toBeCloseTo(1000 * Number(page.sharePrice), 2);
      const { volatility, assets } = page;
      expect(volatility).toBeGreaterThan(0);
      expect(volatility).toBeLessThan(Math.max(...assets.map((asset) => asset.volatility)));
    }
  });
});
