/**
 * The SDK as it is published: JavaScript and declarations in `dist`, and a manifest that names them. In the repository the
 * package's exports are its sources, which Node runs as they are; only here they become files.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const root = join(import.meta.dirname, "../..");
const SOURCES = join(root, "sdk");
const BUILT = join(root, "build/sdk");

/** A package's folder as `npm pack` reads it, and the tarball it made. */
export type BuiltPackage = { readonly directory: string; readonly tarball: string; readonly manifest: Manifest };

type Export = { readonly types: string; readonly default: string };

/** The part of a published package.json that is made or read here. */
export type Manifest = {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, Export | string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
};

/** The SDK's manifest names an entry that is not a source file. */
export class ExportNotSource extends Error {
  override name = "ExportNotSource";
  constructor(subpath: string, path: string) {
    super(`sdk/package.json exports ${subpath} as ${path}; name a source as ./src/FOLDER/index.ts`);
  }
}

/** A declaration file still imports a source file, which is not in the package. */
export class SourceImported extends Error {
  override name = "SourceImported";
  constructor(path: string, line: string) {
    super(`${path} imports a .ts file (${line.trim()}); write the import as TypeScript prints it: from "./x.ts"`);
  }
}

/** Compiles, writes the manifest and packs. Everything is made anew. */
export function buildPackage(): BuiltPackage {
  const directory = join(BUILT, "package");
  rmSync(BUILT, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
  run(process.execPath, [tsc, "-p", join(import.meta.dirname, "published.tsconfig.json")], root);
  for (const path of globSync("dist/**/*.d.ts", { cwd: directory })) importDeclarations(join(directory, path));

  const manifest = publishedManifest(JSON.parse(readFileSync(join(SOURCES, "package.json"), "utf8")));
  writeFileSync(join(directory, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  copyFileSync(join(root, "LICENSE"), join(directory, "LICENSE"));
  copyFileSync(join(SOURCES, "README.md"), join(directory, "README.md"));
  run("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", BUILT], directory);
  const tarball = join(BUILT, `${manifest.name.replace("@", "").replace("/", "-")}-${manifest.version}.tgz`);
  return { directory, tarball, manifest };
}

/** The manifest of the workspace with its sources replaced by what is made of them. */
export function publishedManifest(
  workspace: Omit<Manifest, "exports"> & { exports: Record<string, string> },
): Manifest {
  const entries = Object.entries(workspace.exports).map(([subpath, path]): [string, Export] => {
    if (!/^\.\/src\/(?:[\w-]+\/)*index\.ts$/.test(path)) throw new ExportNotSource(subpath, path);
    const built = path.replace("./src/", "./dist/").slice(0, -".ts".length);
    return [subpath, { types: `${built}.d.ts`, default: `${built}.js` }];
  });
  return {
    ...workspace,
    exports: { ...Object.fromEntries(entries), "./package.json": "./package.json" },
    ...{ files: ["dist"], sideEffects: false, engines: { node: ">=22" } },
  };
}

/** tsc rewrites `.ts` in the imports of JavaScript only; in declarations they are rewritten here. */
function importDeclarations(path: string): void {
  const text = readFileSync(path, "utf8").replaceAll(/((?:from|import\() ?"\.{1,2}\/[^"]+)\.ts"/g, '$1.js"');
  const left = text.split("\n").find((line) => /["']\.{1,2}\/[^"']+(?<!\.d)\.ts["']/.test(line));
  if (left !== undefined) throw new SourceImported(path, left);
  writeFileSync(path, text);
}

/** Runs a program; what it printed is shown only when it fails. */
function run(command: string, args: readonly string[], cwd: string): void {
  try {
    execFileSync(command, args, { cwd, stdio: "pipe", encoding: "utf8" });
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    process.stderr.write(`${stdout}${stderr}`);
    throw error;
  }
}
