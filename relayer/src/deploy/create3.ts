import { type Address, encodeAbiParameters, getContractAddress, type Hex, keccak256, parseAbi, toHex } from "viem";
import { forgeArtifact } from "./artifact.ts";
import { type ContractStep, create2Step } from "./plan.ts";

export const factoryAbi = parseAbi([
  "event ContractDeployed(address indexed deployed, address indexed deployer, bytes32 indexed salt, bytes32 initCodeHash)",
  "function initCodeHash(address deployed) view returns (bytes32)",
  "function deploy(bytes32 salt, bytes initCode) returns (address deployed)",
]);

/** The factory, at the same address on every chain that has the public CREATE2 deployer. */
export function factoryStep(): ContractStep {
  compiled ??= create2Step("factory", forgeArtifact("Create3Factory"));
  return compiled;
}
let compiled: ContractStep | undefined;

/** Where a contract of a deployment is or will be, and the salt that brings it there. */
export type Place = { readonly address: Address; readonly salt: Hex };

/** keccak-256 of the code that CREATE3 puts between the factory and a contract; `CREATE3.PROXY_INITCODE_HASH`. */
const PROXY_CODE_HASH = "0x21c35dbe1b344a2488cf3321d6ce542f8e9f305544ff09e4993a62319a497c1f";

/**
 * Places of a deployment's contracts by their names: the same on all chains, and nobody but the deployer can take them.
 * @param deployment tells deployments of one deployer apart
 */
export function placesOf(factory: Address, deployer: Address, deployment: string): (contract: string) => Place {
  return (contract) => {
    const salt = keccak256(toHex(`${deployment}/${contract}`));
    const bound = keccak256(encodeAbiParameters([{ type: "address" }, { type: "bytes32" }], [deployer, salt]));
    const proxy = getContractAddress({
      opcode: "CREATE2",
      from: factory,
      salt: bound,
      bytecodeHash: PROXY_CODE_HASH,
    });
    return { salt, address: getContractAddress({ from: proxy, nonce: 1n }) };
  };
}
