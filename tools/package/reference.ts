/**
 * The API reference, from the packed declarations: one Markdown file per subpath, every export with its doc comment and its
 * signature. What comes with an action stands under it: `allocateCall` and `AllocateParameters` under `allocate`.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Extractor, ExtractorConfig, type IConfigFile } from "@microsoft/api-extractor";
import type { BuiltPackage } from "./build.ts";

/** An export as api-extractor describes it. */
export type ApiItem = {
  readonly name: string;
  readonly kind: string;
  readonly docComment?: string;
  readonly excerptTokens: readonly { readonly text: string }[];
  readonly members?: readonly ApiItem[];
};

/** The exports of one subpath, by name. */
export type ApiEntry = { readonly subpath: string; readonly items: readonly ApiItem[] };

/** A declaration file cannot be described. */
export class DeclarationsUnreadable extends Error {
  override name = "DeclarationsUnreadable";
  constructor(subpath: string, messages: readonly string[]) {
    super(`the declarations of ${subpath} cannot be read: ${messages.join("; ")}; correct the types it exports`);
  }
}

/** {characters} of a signature that is shown; ABIs and tables are longer, and nobody reads them here */
const LONGEST_SIGNATURE = 1_200;
const COMPILER_OPTIONS = {
  ...{ target: "es2022", module: "nodenext", moduleResolution: "nodenext", lib: ["es2022", "dom"] },
  ...{ strict: true, skipLibCheck: true, types: [] },
};

/** Every subpath of a package with its exports. */
export function describePackage({ directory, manifest }: BuiltPackage): ApiEntry[] {
  return Object.entries(manifest.exports).flatMap(([subpath, target]) => {
    if (typeof target === "string") return [];
    const model = join(directory, "../model.api.json");
    const config: IConfigFile = {
      projectFolder: directory,
      mainEntryPointFilePath: join(directory, target.types),
      bundledPackages: [],
      apiReport: { enabled: false },
      docModel: { enabled: true, apiJsonFilePath: model },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      compiler: { overrideTsconfig: { compilerOptions: COMPILER_OPTIONS, include: [target.types] } },
    };
    const problems: string[] = [];
    const { succeeded } = Extractor.invoke(
      ExtractorConfig.prepare({
        configObject: config,
        configObjectFullPath: undefined,
        packageJsonFullPath: join(directory, "package.json"),
      }),
      {
        localBuild: true,
        messageCallback: (message) => {
          if (message.category === "Compiler") problems.push(message.text);
          message.handled = true; // its advice is about conventions of its own
        },
      },
    );
    if (!succeeded || problems.length > 0) throw new DeclarationsUnreadable(subpath, problems);
    const { members } = JSON.parse(readFileSync(model, "utf8")) as { members: [{ members: ApiItem[] }] };
    rmSync(model);
    return [{ subpath, items: members[0].members }];
  });
}

/** The export that another one comes with: an action's call, its parameters, a reader's writer; none for what stands alone. */
function leaderOf(name: string, names: ReadonlySet<string>): string | undefined {
  const writer = name.replace(/^unpack/, "pack");
  if (writer !== name) return names.has(writer) ? writer : undefined;
  const stem = /^(\w+?)(?:Call|Parameters)$/.exec(name)?.[1];
  if (stem === undefined) return undefined;
  const action = stem.charAt(0).toLowerCase() + stem.slice(1);
  return [action, `${action}Call`].find((leader) => leader !== name && names.has(leader));
}

/** Exports without a doc comment, but for those that come with a documented one. */
export function undocumented({ subpath, items }: ApiEntry): string[] {
  const documented = new Set(items.filter(({ docComment = "" }) => docComment !== "").map(({ name }) => name));
  return items
    .filter(({ name }) => !documented.has(name) && leaderOf(name, documented) === undefined)
    .map(({ name }) => `${subpath} exports ${name} without a doc comment: say why, the unit, the limit or the source`);
}

/** The text of a doc comment, without its frame; its tags as words. */
const textOf = ({ docComment = "" }: ApiItem): string =>
  docComment
    .replace(/^\/\*\*|\*\/\s*$/g, "")
    .replaceAll(/^[ \t]*\*[ \t]?/gm, "")
    .replaceAll(/\{@link ([\w.]+)\}/g, "`$1`")
    .replaceAll(/^@(param|returns|throws) ?/gm, "\n**$1** ")
    .trim();

function signatureOf({ excerptTokens, kind, members }: ApiItem): string {
  const text = excerptTokens.map((token) => token.text).join("");
  const own = (members ?? []).filter((member) => member.kind !== "Property" || member.name !== "name");
  const parts = kind === "Class" ? own.map((member) => `  ${signatureOf(member)}`) : [];
  const whole = parts.length === 0 ? text : `${text.trim()} {\n${parts.join("\n")}\n}`;
  return whole.length > LONGEST_SIGNATURE ? `${whole.slice(0, LONGEST_SIGNATURE).trimEnd()} …` : whole.trim();
}

/** One subpath's reference, in the order of the names. */
export function referenceOf({ subpath, items }: ApiEntry, packageName: string): string {
  const names = new Set(items.map(({ name }) => name));
  const leaders = items.filter(({ name }) => leaderOf(name, names) === undefined);
  const sections = leaders.map((leader) => {
    const followers = items.filter(({ name }) => leaderOf(name, names) === leader.name);
    const signatures = [leader, ...followers].map(signatureOf).join("\n\n");
    return `## ${leader.name}\n\n${textOf(leader)}\n\n\`\`\`ts\n${signatures}\n\`\`\`\n`;
  });
  return `# ${packageName}${subpath.slice(1)}\n\n${sections.join("\n")}`;
}

/** Writes the reference of every subpath; returns the files. */
export function writeReference(entries: readonly ApiEntry[], { directory, manifest }: BuiltPackage): string[] {
  const folder = join(directory, "../reference");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return entries.map((entry) => {
    const path = join(folder, `${entry.subpath === "." ? "index" : entry.subpath.slice(2)}.md`);
    writeFileSync(path, referenceOf(entry, manifest.name));
    return path;
  });
}
