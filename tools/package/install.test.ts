import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type CircuitArtifacts, circuitArtifacts } from "@equipoise/circuits";
import { proofFromSnarkjs, releaseProver, verify } from "@equipoise/sdk/prover";
import { simulatedAllocation } from "@equipoise/sdk/testing";
import { build, type Rolldown } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasChromium, PageFailed, runPage } from "./chromium.ts";
import { type EmptyProject, installPackedSdk } from "./emptyProject.ts";

let project: EmptyProject;
let artifacts: CircuitArtifacts;

beforeAll(async () => {
  artifacts = await circuitArtifacts("parity_full");
  project = installPackedSdk();
}, 400_000);
afterAll(async () => {
  project?.remove();
  await releaseProver();
});

/** What an integrator writes, whichever way it runs: every subpath, and a proof made from a key somewhere. */
const PROGRAM = `
import { checkAllocation, publicInputsOf } from "@equipoise/sdk";
import { allocateCall, decodeRevert, equipoiseActions, hubOf, parityVaultAbi, parseDeployment, vaultOf } from "@equipoise/sdk/actions";
import { type Artifacts, proofToSnarkjs, prove, releaseProver, verify } from "@equipoise/sdk/prover";
import { simulatedAllocation, simulatedDeployment } from "@equipoise/sdk/testing";
import { createPublicClient, encodeErrorResult, http } from "viem";

const { statement, input, facts, mandate, allocation } = simulatedAllocation({ seed: 5 });

export async function program(artifacts: Artifacts, verificationKey: object) {
  const { proof } = await prove(statement, input, artifacts);
  const holds = await verify(statement, proof, verificationKey);
  await releaseProver();
  const hub = hubOf(parseDeployment(JSON.parse(JSON.stringify(simulatedDeployment()))));
  const client = createPublicClient({ transport: http("http://127.0.0.1:1") }).extend(
    equipoiseActions({ ...hub, ...vaultOf(hub, "parity") }),
  );
  const ask: () => Promise<{ readonly index: bigint }> = client.readAllocation;
  const call = allocateCall({
    vault: vaultOf(hub, "calm").vault,
    index: 240n, weights: facts.weights, portfolio: facts.portfolio, statement, proof,
  });
  const refusal = encodeErrorResult({ abi: parityVaultAbi, errorName: "AllocationNotNewer", args: [240n, 264n] });
  return {
    commitment: String(statement.commitment),
    publicInputs: publicInputsOf(statement).map(String),
    breach: checkAllocation({ triangle: facts.covarianceTriangle, mandate, allocation }) ?? "none",
    holds,
    proof: proofToSnarkjs(proof),
    callBytes: call.data.length / 2 - 1,
    reason: decodeRevert(refusal).reason,
    method: typeof ask,
    process: typeof (globalThis as { process?: unknown }).process,
  };
}
`;
type Outcome = {
  readonly commitment: string;
  readonly holds: boolean;
  readonly proof: Parameters<typeof proofFromSnarkjs>[0];
  readonly process: string;
};

/** Says what a run must have said, and checks its proof with the SDK's sources. */
async function expectOutcome(result: unknown, where: "node" | "browser"): Promise<void> {
  const { statement } = simulatedAllocation({ seed: 5 });
  expect(result).toMatchObject({
    commitment: String(statement.commitment),
    breach: "none",
    holds: true,
    callBytes: 4 + 12 * 32,
    reason: "AllocationNotNewer",
    method: "function",
    process: where === "node" ? "object" : "undefined",
  });
  const { proof } = result as Outcome;
  expect(await verify(statement, proofFromSnarkjs(proof), artifacts.verificationKey)).toBe(true);
  const other = simulatedAllocation({ seed: 6 }).statement;
  expect(await verify(other, proofFromSnarkjs(proof), artifacts.verificationKey)).toBe(false);
}

describe("the packed SDK", () => {
  it("default: npm installs it with viem as the only peer", () => {
    expect(Object.keys(project.built.manifest.peerDependencies)).toEqual(["viem"]);
    const installed = JSON.parse(readFileSync(join(project.folder, "package-lock.json"), "utf8"));
    expect(installed.packages["node_modules/@equipoise/sdk"].version).toBe(project.built.manifest.version);
  });

  it.each(["nodenext", "bundler"])("default: types hold under %s, declarations checked too", (moduleResolution) => {
    project.write("program.ts", PROGRAM);
    const module = moduleResolution === "bundler" ? "esnext" : "nodenext";
    const options = { module, moduleResolution, target: "es2023", strict: true, noEmit: true, types: [] };
    expect(project.compile({ ...options, lib: ["es2023", "dom"], skipLibCheck: false }, ["program.ts"])).toEqual([]);
  });

  it("default: Node proves with it, what it needs given as a path, as bytes or by URL", async () => {
    const { wasm, zkey, vkey } = artifacts;
    const server = await serveArtifacts();
    try {
      project.write("program.ts", PROGRAM);
      const { port } = server.address() as AddressInfo;
      const url = (file: string): string => JSON.stringify(`http://127.0.0.1:${port}/${file}`);
      const path = JSON.stringify;
      project.write(
        "run.ts",
        `import { readFileSync } from "node:fs";
         import { program } from "./program.ts";
         const key = JSON.parse(readFileSync(${path(vkey)}, "utf8"));
         const ways = [
           { wasm: ${path(wasm)}, zkey: new Uint8Array(readFileSync(${path(zkey)})) },
           { wasm: ${url("wasm")}, zkey: ${url("zkey")} },
         ];
         const outcomes = [];
         for (const artifacts of ways) outcomes.push(await program(artifacts, key));
         const missing = await program({ wasm: ${url("wasm")}, zkey: ${url("none")} }, key).catch(({ name }) => name);
         console.log(JSON.stringify({ outcomes, missing }));`,
      );
      const { outcomes, missing } = (await project.run("run.ts")) as { outcomes: unknown[]; missing: string };
      expect(outcomes).toHaveLength(2);
      for (const outcome of outcomes) await expectOutcome(outcome, "node");
      expect(missing).toBe("ArtifactNotFetched");
    } finally {
      server.close();
    }
  });

  it.skipIf(!hasChromium)("default: a bundle of it proves in a browser, keys fetched by URL", async () => {
    const code = await bundleForBrowsers();
    const files = new Map([
      ["/page.js", { type: "text/javascript", body: code }],
      ["/parity.wasm", { type: "application/wasm", body: readFileSync(artifacts.wasm) }],
      ["/parity.zkey", { type: "application/octet-stream", body: readFileSync(artifacts.zkey) }],
      ["/parity.json", { type: "application/json", body: readFileSync(artifacts.vkey) }],
    ]);
    await expectOutcome(await runPage(files), "browser");
    files.delete("/parity.zkey");
    await expect(runPage(files)).rejects.toThrow("ArtifactNotFetched");
    await expect(runPage(new Map())).rejects.toThrow(PageFailed);
  });
});

async function serveArtifacts(): Promise<Server> {
  const files: Record<string, string> = { "/wasm": artifacts.wasm, "/zkey": artifacts.zkey };
  const server = createServer((request, response) => {
    const path = files[request.url ?? ""];
    response.writeHead(path === undefined ? 404 : 200);
    response.end(path === undefined ? undefined : readFileSync(path));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

/** The integrator's page, built by the integrator's vite in the integrator's folder. */
async function bundleForBrowsers(): Promise<string> {
  project.write("program.ts", PROGRAM);
  const entry = project.write(
    "page.ts",
    `import { program } from "./program.ts";
     export default async () =>
       program({ wasm: "/parity.wasm", zkey: "/parity.zkey" }, await (await fetch("/parity.json")).json());`,
  );
  const { output } = (await build({
    root: project.folder,
    configFile: false,
    logLevel: "error",
    build: {
      write: false,
      modulePreload: false,
      rolldownOptions: { input: entry, preserveEntrySignatures: "strict", output: { codeSplitting: false } },
    },
  })) as Rolldown.RolldownOutput;
  return output[0].code;
}
