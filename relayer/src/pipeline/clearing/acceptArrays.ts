import { riskArrayInput, riskArrayStatement } from "@equipoise/sdk";
import { acceptArray, arraysOfMask, readEpoch, readEpochNumbers } from "@equipoise/sdk/actions";
import { eachInTurn } from "../../attempts.ts";
import { runStep, unlessRefused } from "../../stepFailed.ts";
import type { Context } from "../context.ts";
import { type ObtainedProof, useProof } from "../useProof.ts";
import { arrayWordsOf } from "./arrayFacts.ts";
import { clearingSite } from "./clearingSite.ts";

export type AcceptedArray = { readonly array: number; readonly proof: ObtainedProof; readonly gasUsed: bigint };

/** Refusals that say: somebody else has brought it, or a newer epoch is current. */
const LOST_RACE = ["ArrayAlreadyAccepted", "EpochNotNewer"] as const;

/** Proves each array of an epoch that is not proven yet and puts it on the hub; the last makes the epoch current. */
export function proveAndAcceptArrays(context: Context, number: bigint): Promise<AcceptedArray[]> {
  return runStep("accept arrays", async () => {
    const { chain, clearing } = clearingSite(context);
    const { riskArrays } = clearing;
    const { current } = await readEpochNumbers(chain.reader, { riskArrays });
    if (number <= current) return [];
    const { arrays, accepted } = await readEpoch(chain.reader, { riskArrays, number });
    const accept = async (array: number): Promise<AcceptedArray[]> => {
      const facts = await arrayWordsOf(context, number, array);
      const statement = riskArrayStatement(facts);
      const signer = chain.signer(context.accounts.relayer);
      const sent = await unlessRefused(LOST_RACE, () =>
        useProof(context, statement, riskArrayInput(facts, statement), (made) =>
          acceptArray(signer, { riskArrays, epoch: number, array, statement, proof: made }),
        ),
      );
      return sent === undefined ? [] : [{ array, proof: sent.proof, gasUsed: sent.sent.gasUsed }];
    };
    const due = arraysOfMask(arrays & ~accepted);
    return (await eachInTurn(due, (array) => `array ${array}`, accept)).flat();
  });
}
