import { localDvnAbi, revertOf } from "@equipoise/sdk/actions";
import { type Address, encodeFunctionData, isAddressEqual, size, slice } from "viem";
import type { RouteEnd } from "./route.ts";

const data = encodeFunctionData({ abi: localDvnAbi, functionName: "operator" });

/** The verifiers of a chain that its operator here may speak for: local ones. A public verifier has other signers, and no such function. */
export async function ownVerifiers({ chain, layerZero, operator }: RouteEnd): Promise<ReadonlySet<Address>> {
  const operators = await Promise.all(
    layerZero.verifiers.map(async (to) => {
      try {
        return (await chain.reader.call({ to, data })).data;
      } catch (error) {
        if (revertOf(error) === undefined) throw error; // not asked, so not known
        return undefined;
      }
    }),
  );
  const isOwn = (answer: (typeof operators)[number]): boolean =>
    answer !== undefined && size(answer) === 32 && isAddressEqual(slice(answer, 12), operator.address);
  return new Set(layerZero.verifiers.filter((_, place) => isOwn(operators[place])));
}
