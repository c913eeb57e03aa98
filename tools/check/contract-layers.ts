import { globSync, readFileSync } from "node:fs";

/** What the contracts of a folder may import from, besides their own folder and packages (HOUSE_STYLE). */
const LAYERS: Record<string, readonly string[]> = {
  interfaces: [],
  generated: ["interfaces"],
  libraries: ["interfaces", "generated"],
  proofs: ["interfaces", "generated", "libraries"],
  facts: ["interfaces", "generated", "libraries"],
  risk: ["interfaces", "generated", "libraries", "proofs", "facts"],
  sync: ["interfaces", "generated", "libraries", "proofs", "risk"],
  vault: ["interfaces", "generated", "libraries", "proofs"],
  clearing: ["interfaces", "generated", "libraries", "proofs"],
  local: ["interfaces", "generated", "libraries"],
  deploy: [],
};

/** Imports between contract folders that point against the data's way. */
export function contractLayerViolations(): string[] {
  return globSync("contracts/**/*.sol").flatMap((path) => {
    const folder = path.split("/")[1] as string;
    const allowed = LAYERS[folder];
    if (allowed === undefined)
      return [`${path}: folder ${folder} is no layer; add it to tools/check/contract-layers.ts`];
    const imports = readFileSync(path, "utf8").matchAll(/^\s*(?:import\s+|}\s*from\s+)[^;]*?"(\.[^"]+)"/gm);
    return [...imports].flatMap(([, target = ""]) => {
      const [, other] = /^\.\.\/(\w+)\//.exec(target) ?? [];
      if (other === undefined || other === folder || allowed.includes(other)) return [];
      return [`${path} imports ${target}: ${folder} may import ${allowed.join(", ") || "nothing"}`];
    });
  });
}
