import { execFile, execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { type BuiltPackage, buildPackage } from "./build.ts";

const execute = promisify(execFile);
const root = join(import.meta.dirname, "../..");

/** A project of somebody else's, outside the repository, that has nothing but the packed SDK and what it asks for. */
export type EmptyProject = {
  readonly built: BuiltPackage;
  readonly folder: string;
  /** writes a file of the project */
  readonly write: (path: string, text: string) => string;
  /** runs a module of the project in Node and reads the JSON it prints */
  readonly run: (path: string) => Promise<unknown>;
  /** messages of the TypeScript compiler over the project's files, declarations of packages included */
  readonly compile: (options: Record<string, unknown>, files: readonly string[]) => string[];
  readonly remove: () => void;
};

/**
 * Packs the SDK and lets npm install the tarball. No network: the declared dependencies are put there first from what this
 * repository has installed, so that npm finds them satisfied. What is not declared is not there.
 */
export function installPackedSdk(): EmptyProject {
  const built = buildPackage();
  const folder = mkdtempSync(join(tmpdir(), "equipoise-integrator-"));
  const { dependencies, peerDependencies } = built.manifest;
  for (const place of closure(Object.keys({ ...dependencies, ...peerDependencies }))) {
    cpSync(join(root, place), join(folder, place), { recursive: true, dereference: true, filter: isRead });
  }
  const write = (path: string, text: string): string => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
    return join(folder, path);
  };
  write(
    "package.json",
    JSON.stringify({ name: "integrator", private: true, type: "module", dependencies: { viem: "*" } }),
  );
  npm(folder, ["install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund", built.tarball]);
  return {
    built,
    folder,
    write,
    run: async (path) => JSON.parse((await execute(process.execPath, [path], { cwd: folder })).stdout),
    compile: (options, files) => {
      write("tsconfig.json", JSON.stringify({ compilerOptions: options, files }));
      const tsc = join(root, "node_modules/typescript/bin/tsc");
      try {
        execFileSync(process.execPath, [tsc, "-p", folder], { cwd: folder, stdio: "pipe" });
        return [];
      } catch (error) {
        return String((error as { stdout: Buffer }).stdout)
          .split("\n")
          .filter((line) => /error TS/.test(line));
      }
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}

/** Half of viem's files are maps and CommonJS, which nothing here reads: copying them takes longer than the test. */
const isRead = (path: string): boolean => !path.endsWith(".map") && !path.endsWith("/_cjs");

/** Strict about peers, unlike the repository's own `.npmrc`. */
function npm(cwd: string, args: readonly string[]): void {
  const env = { ...process.env, npm_config_legacy_peer_deps: "false", npm_config_workspaces: undefined };
  execFileSync("npm", args, { cwd, env, stdio: "pipe" });
}

/** Folders of packages and of all they depend on, as npm laid them out here. */
function closure(names: readonly string[], from = ""): Set<string> {
  const places = new Set<string>();
  const visit = (name: string, dependent: string): void => {
    for (let above = dependent; ; above = above.slice(0, Math.max(0, above.lastIndexOf("/node_modules/")))) {
      const place = join(above, "node_modules", name);
      const manifest = join(root, place, "package.json");
      if (existsSync(manifest)) {
        if (places.has(place)) return;
        places.add(place);
        const {
          dependencies = {},
          peerDependencies = {},
          peerDependenciesMeta = {},
        } = JSON.parse(readFileSync(manifest, "utf8"));
        const wanted = Object.keys(peerDependencies).filter((peer) => !peerDependenciesMeta[peer]?.optional);
        for (const next of [...Object.keys(dependencies), ...wanted]) visit(next, place);
        return;
      }
      if (above === "") return; // an optional one that is not installed here: npm says if it is needed
    }
  };
  for (const name of names) visit(name, from);
  return places;
}
