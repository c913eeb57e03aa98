import { checkShippedKey } from "@equipoise/circuits";
import { publicInputsOf, statementOf } from "@equipoise/sdk";
import { releaseProver, verify as verifyProof } from "@equipoise/sdk/prover";
import { type Command, UsageWrong } from "./command.ts";
import { readProvenDirectory } from "./statementDirectory.ts";

/** `equipoise verify`: what a contract would say of a directory made by `equipoise prove`. */
export const verify: Command = {
  name: "verify",
  summary: "check a proof the way a contract does: the public inputs are formed again from the statement",
  usage: ["verify DIR [--json]"],
  options: {},
  positionals: 1,
  run: async ({ positionals }) => {
    const [directory] = positionals;
    if (directory === undefined) {
      throw new UsageWrong("verify takes one directory: see equipoise verify --help");
    }
    const { circuit, words, commitment, proof, publicSignals, verificationKey } = readProvenDirectory(directory);
    checkShippedKey(`${circuit}_full`, verificationKey);
    const expected = publicInputsOf(statementOf(circuit, words));
    const reason = expected.some((value, place) => value !== publicSignals[place])
      ? "public.json is not what the statement's words give: one of them was altered"
      : undefined;
    try {
      const valid = reason === undefined && (await verifyProof({ circuit, words, commitment }, proof, verificationKey));
      const why = valid ? undefined : (reason ?? "the proof does not hold for this statement");
      return {
        ok: valid,
        result: why === undefined ? { valid, circuit } : { valid, circuit, reason: why },
        text: why === undefined ? `valid: a ${circuit} statement of ${words.length} words` : `not valid: ${why}`,
      };
    } finally {
      await releaseProver();
    }
  },
};
