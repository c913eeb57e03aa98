import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** How to start anvil: the native program where npm installed one for this platform, the Node wrapper otherwise. */
export type AnvilCommand = { readonly command: string; readonly leadingArguments: readonly string[] };

/** Neither the native program nor the wrapper of anvil is installed. */
export class AnvilNotInstalled extends Error {
  override name = "AnvilNotInstalled";
  constructor(platform: string) {
    super(`no anvil for ${platform}: the npm package @foundry-rs/anvil is missing; run npm ci without --omit=optional`);
  }
}

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };

/**
 * Finds anvil in the npm packages. The native program is preferred because signals sent to the wrapper only reach it
 * when they can be caught.
 */
export function findAnvil(
  platform: NodeJS.Platform = process.platform,
  architecture: string = process.arch,
): AnvilCommand {
  const require = createRequire(import.meta.url);
  const folderOf = (name: string): string | undefined => {
    try {
      return dirname(require.resolve(`${name}/package.json`));
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === "MODULE_NOT_FOUND" || code === "ERR_PACKAGE_PATH_NOT_EXPORTED") return undefined;
      throw error;
    }
  };
  const native = folderOf(`@foundry-rs/anvil-${platform}-${ARCHITECTURES[architecture] ?? architecture}`);
  if (native !== undefined) {
    const command = join(native, "bin", platform === "win32" ? "anvil.exe" : "anvil");
    if (existsSync(command)) return { command, leadingArguments: [] };
  }
  const wrapper = folderOf("@foundry-rs/anvil");
  if (wrapper === undefined) throw new AnvilNotInstalled(`${platform} ${architecture}`);
  return { command: process.execPath, leadingArguments: [join(wrapper, "bin.mjs")] };
}
