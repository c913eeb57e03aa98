import { findingLine } from "../deploy/finding.ts";
import { readDeployment } from "../deploy/record.ts";
import { examine } from "../doctor/examine.ts";
import { type Command, type OptionValues, textOption, UsageWrong } from "./command.ts";
import { reachChain } from "./networkOptions.ts";

/** URLs given as 11155111=https://…, with commas. */
function urlsFrom(values: OptionValues): Map<number, string> {
  const given = textOption(values, "rpc")?.split(",") ?? [];
  return new Map(
    given.map((entry) => {
      const [, chainId, url] = /^(\d+)=(.+)$/.exec(entry.trim()) ?? [];
      if (chainId === undefined || url === undefined) {
        throw new UsageWrong(`--rpc has "${entry}": give CHAINID=URL, with commas between`);
      }
      return [Number(chainId), url];
    }),
  );
}

/** `equipoise doctor`: what is wrong with a deployment, read from its chains. */
export const doctor: Command = {
  name: "doctor",
  summary: "read a deployment's chains and say what is wrong, one line each with the fix; exit code 1 then",
  usage: ["doctor --deployment FILE [--rpc CHAINID=URL,…]"],
  options: {
    deployment: { value: "FILE", summary: "the record of equipoise deploy" },
    rpc: { value: "CHAINID=URL", summary: "with commas (default: EQUIPOISE_RPC_CHAINID of the environment)" },
  },
  run: async ({ values }) => {
    const path = textOption(values, "deployment");
    if (path === undefined) throw new UsageWrong("--deployment is missing: give the record's file");
    const urls = urlsFrom(values);
    const deployment = readDeployment(path);
    const chains = deployment.chains.map((site) => reachChain({ ...site, rpcUrl: urls.get(site.chainId) }));
    const findings = await examine(chains, deployment);
    const well = `${deployment.name}: ${chains.length} chains, nothing found`;
    return {
      ok: findings.length === 0,
      result: { findings },
      text: findings.length === 0 ? well : findings.map(findingLine).join("\n"),
    };
  },
};
