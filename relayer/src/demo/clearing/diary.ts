import { hubSite, type LocalContext, type ObtainedProof } from "../../pipeline/index.ts";

/** One step with what it cost. */
export type ClearingStep = { readonly step: string; readonly chainId: number; readonly gas: number };

/** What the act has done so far. */
export type Diary = {
  readonly steps: readonly ClearingStep[];
  /** those that were made, in order */
  readonly proofs: readonly ObtainedProof[];
  /** @param gas nothing where somebody had done the step before @param eid the hub's when absent */
  readonly note: (step: string, gas: bigint | undefined, eid?: number) => void;
  readonly proven: (proof: ObtainedProof | undefined) => void;
  /** tells how long a part takes */
  readonly timed: <result>(name: string, work: () => Promise<result>) => Promise<result>;
};

export function openDiary(context: LocalContext, progress: (line: string) => void): Diary {
  const steps: ClearingStep[] = [];
  const proofs: ObtainedProof[] = [];
  const hub = hubSite(context).chain.eid;
  return {
    steps,
    proofs,
    note: (step, gas, eid = hub) => {
      if (gas !== undefined) steps.push({ step, chainId: chainIdOf(context, eid), gas: Number(gas) });
    },
    proven: (proof) => {
      if (proof !== undefined && !proof.reused) proofs.push(proof);
    },
    timed: async (name, work) => {
      const since = performance.now();
      const result = await work();
      progress(`  ${name}: ${((performance.now() - since) / 1000).toFixed(1)} s`);
      return result;
    },
  };
}

export const chainIdOf = ({ chains }: Pick<LocalContext, "chains">, eid: number): number =>
  chains.find((chain) => chain.eid === eid)?.chainId ?? 0;
