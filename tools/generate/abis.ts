import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Abi, AbiParameter } from "viem";

/** Contracts whose interfaces the SDK's actions call: contract → name of the constant. */
const CONTRACTS = {
  ChainlinkPriceSource: "chainlinkPriceSource",
  ClearingHouse: "clearingHouse",
  CollateralGate: "collateralGate",
  CollateralHub: "collateralHub",
  Exchange: "exchange",
  IDeskAuctions: "deskAuctions",
  IParityVault: "parityVault",
  IVaultDesk: "vaultDesk",
  Liquidation: "liquidation",
  Listings: "listings",
  LocalDVN: "localDvn",
  LocalExecutor: "localExecutor",
  LocalPriceFeed: "localPriceFeed",
  LocalPricePublisher: "localPricePublisher",
  LocalToken: "localToken",
  LossBook: "lossBook",
  MarginEngine: "marginEngine",
  MarginTerms: "marginTerms",
  ObservationLog: "observationLog",
  RiskArrays: "riskArrays",
  RiskBeacon: "riskBeacon",
  RiskMirror: "riskMirror",
  RiskOracle: "riskOracle",
  SettlementPrices: "settlementPrices",
  VolatilityLog: "volatilityLog",
} as const;

const ARTIFACTS = "build/contracts";
const TIMELOCK = "node_modules/@openzeppelin/contracts/build/contracts/TimelockController.json";
const FOLDER = "sdk/src/actions/abi";
const HEADER = "// Generated from the compiled contracts by `npm run generate`. Do not edit.\n";

/** A contract has not been compiled. */
export class ArtifactMissing extends Error {
  override name = "ArtifactMissing";
  constructor(path: string) {
    super(`${path} is missing: run \`npm run build:contracts\` first`);
  }
}

const root = join(import.meta.dirname, "../..");

function abiOf(contract: string): Abi {
  const path = `${ARTIFACTS}/${contract}.sol/${contract}.json`;
  try {
    return (JSON.parse(readFileSync(join(root, path), "utf8")) as { abi: Abi }).abi;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") throw new ArtifactMissing(path);
    throw error;
  }
}

/** A parameter without what only compilers read. */
function plain(parameter: AbiParameter & { indexed?: boolean }): object {
  const { name, type, indexed } = parameter;
  const components = "components" in parameter ? { components: parameter.components.map(plain) } : {};
  return { name: name ?? "", type, ...(indexed === undefined ? {} : { indexed }), ...components };
}

function plainItem(item: Abi[number]): object {
  const outputs = "outputs" in item ? { outputs: (item.outputs as readonly AbiParameter[]).map(plain) } : {};
  const inputs =
    "inputs" in item && item.inputs !== undefined
      ? { inputs: (item.inputs as readonly AbiParameter[]).map(plain) }
      : {};
  return { ...item, ...inputs, ...outputs };
}

/** Order by kind and signature, so that the text does not depend on the compiler's order. */
const sorted = (abi: Abi): string[] => abi.map((item) => JSON.stringify(plainItem(item))).sort();

const text = (constant: string, doc: string, lines: readonly string[]): string =>
  `${HEADER}/** ${doc} */\nexport const ${constant}Abi = [\n${lines.map((line) => `  ${line},\n`).join("")}] as const;\n`;

/** Every custom error of every contract in `contracts/`, of what these inherit, and of the timelock. */
function everyError(): string[] {
  const sources = readdirSync(join(root, "contracts"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".sol"))
    .map((path) => path.slice(path.lastIndexOf("/") + 1, -".sol".length));
  const compiled = new Set(readdirSync(join(root, ARTIFACTS)));
  const contracts = sources.filter((name) => compiled.has(`${name}.sol`));
  const files = contracts.flatMap((name) => {
    const folder = join(root, ARTIFACTS, `${name}.sol`);
    return readdirSync(folder).map((file) => join(folder, file));
  });
  files.push(join(root, TIMELOCK));
  const errors = files.flatMap((file) =>
    (JSON.parse(readFileSync(file, "utf8")) as { abi: Abi }).abi.filter((item) => item.type === "error"),
  );
  return [...new Set(sorted(errors))];
}

/** Interfaces as TypeScript constants: path from the repository's root → text. */
export function abiFiles(): Map<string, string> {
  const files = new Map<string, string>();
  for (const [contract, constant] of Object.entries(CONTRACTS)) {
    files.set(
      `${FOLDER}/${constant}.ts`,
      text(constant, `Interface of \`${contract}\`, as it is compiled.`, sorted(abiOf(contract))),
    );
  }
  files.set(
    `${FOLDER}/errors.ts`,
    text("everyError", "Every custom error of the contracts and of what they inherit.", everyError()),
  );
  const modules = [...files.keys()].map((path) => path.slice(FOLDER.length)).sort();
  files.set(`${FOLDER}/index.ts`, HEADER + modules.map((path) => `export * from ".${path}";\n`).join(""));
  return files;
}
