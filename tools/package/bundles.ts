import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build, type Rolldown } from "vite";
import type { BuiltPackage } from "./build.ts";

const SNAPSHOT = join(import.meta.dirname, "../../snapshots/bundles.json");
/** {kB} by which a bundle may be below its committed size before the snapshot is stale */
const SLACK = 2;

/** A subpath as one file for browsers. */
export type Bundle = { readonly code: string; readonly modules: readonly string[] };

/**
 * Bundles everything a subpath exports the way an application's build does: minified, for browsers, with what it imports.
 * @param external packages that are left out, for example the peer viem
 */
export async function bundle(entry: string, external: readonly string[] = []): Promise<Bundle> {
  const result = (await build({
    configFile: false,
    logLevel: "error",
    build: {
      write: false,
      modulePreload: false,
      rolldownOptions: {
        input: entry,
        external: (id) => external.some((name) => id === name || id.startsWith(`${name}/`)),
        preserveEntrySignatures: "strict",
        output: { codeSplitting: false },
      },
    },
  })) as Rolldown.RolldownOutput;
  const [chunk] = result.output;
  return { code: chunk.code, modules: chunk.moduleIds };
}

/** {kB, 1,000 bytes, rounded up} a bundle's transfer */
const kilobytes = (code: string): number => Math.ceil(gzipSync(code, { level: 9 }).length / 1000);

/** Packages a bundle holds code of. */
export const packagesIn = (modules: readonly string[]): Set<string> =>
  new Set(modules.flatMap((id) => /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules)/.exec(id)?.[1] ?? []));

/** Where the bundles' sizes leave the committed budget, and what the root import must not hold; writes sizes when told to. */
export async function bundleProblems({ directory, manifest }: BuiltPackage, update: boolean): Promise<string[]> {
  const sizes: Record<string, number> = {};
  const problems: string[] = [];
  for (const [subpath, target] of Object.entries(manifest.exports)) {
    if (typeof target === "string") continue;
    const { code, modules } = await bundle(join(directory, target.default), Object.keys(manifest.peerDependencies));
    sizes[subpath] = kilobytes(code);
    const held = packagesIn(modules);
    if (subpath !== "./prover" && held.has("snarkjs")) problems.push(`${subpath} holds snarkjs; only ./prover may`);
    if (subpath === "." && /from"viem|from "viem/.test(code)) problems.push("the root import asks for viem");
  }
  if (update) {
    writeFileSync(SNAPSHOT, `${JSON.stringify(sizes, null, 2)}\n`);
    return problems;
  }
  const budget: Record<string, number> = existsSync(SNAPSHOT) ? JSON.parse(readFileSync(SNAPSHOT, "utf8")) : {};
  for (const subpath of new Set([...Object.keys(sizes), ...Object.keys(budget)])) {
    const [size, most] = [sizes[subpath], budget[subpath]];
    if (size === undefined || most === undefined || size > most || size < most - SLACK) {
      problems.push(
        `${subpath}: ${size ?? "gone"} kB minified and compressed, snapshots/bundles.json allows ${most ?? "nothing"} (npm run check -- --update)`,
      );
    }
  }
  return problems;
}
