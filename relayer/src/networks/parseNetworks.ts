import { jsonReader } from "@equipoise/sdk/actions";
import type { Network, Verifier } from "./network.ts";
import { TESTNETS } from "./testnets.ts";

/** A file of networks does not say what it should. */
export class NetworksInvalid extends Error {
  override name = "NetworksInvalid";
  constructor(path: string, value: unknown, need: string) {
    super(`networks${path} is ${JSON.stringify(value)} and ${need}; correct the file`);
  }
}

/** A name that no network has. */
export class NetworkUnknown extends Error {
  override name = "NetworkUnknown";
  constructor(name: string, known: readonly Network[]) {
    super(
      `there is no network "${name}"; there are ${known.map((network) => network.name).join(", ")}: ` +
        "write the name as it is there, or describe yours in a file (--network-file)",
    );
  }
}

const { fields, list, whole, word, address } = jsonReader(
  (path, value, need) => new NetworksInvalid(path, value, need),
);

function verifier(value: unknown, path: string): Verifier {
  const entry = fields(value, path);
  return { name: word(entry.name, `${path}.name`), address: address(entry.address, `${path}.address`) };
}

function network(value: unknown, path: string): Network {
  const entry = fields(value, path);
  const at = (name: string) => address(entry[name], `${path}.${name}`);
  return {
    name: word(entry.name, `${path}.name`),
    chainId: whole(entry.chainId, `${path}.chainId`),
    eid: whole(entry.eid, `${path}.eid`),
    endpoint: at("endpoint"),
    sendLibrary: at("sendLibrary"),
    receiveLibrary: at("receiveLibrary"),
    endpointView: at("endpointView"),
    receiveView: at("receiveView"),
    executor: at("executor"),
    verifiers: list(entry.verifiers, `${path}.verifiers`, verifier, 2),
    confirmations: whole(entry.confirmations, `${path}.confirmations`),
  };
}

/** Networks of a file of one's own, as a JSON list. Errors: {@link NetworksInvalid}. */
export const parseNetworks = (json: unknown): Network[] => list(json, "", network);

/** Other names that networks go by, and theirs. */
const ALIASES: Readonly<Record<string, string>> = { "op-sepolia": "optimism-sepolia" };

/** A network by its name: of a file of one's own first, then of the testnets. Errors: {@link NetworkUnknown}. */
export function networkNamed(name: string, own: readonly Network[] = []): Network {
  const known = [...own, ...TESTNETS];
  const found =
    known.find((candidate) => candidate.name === name) ?? known.find((candidate) => candidate.name === ALIASES[name]);
  if (found === undefined) throw new NetworkUnknown(name, known);
  return found;
}
