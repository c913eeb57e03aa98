/** Shared vectors of the joint scenarios (J-1, J-2): TypeScript and Solidity have to agree on every level. Seeded. */
import { packLanes, packSignedLanes } from "../../sdk/src/lanes.ts";
import { jointStates, packJointStates } from "../../sdk/src/model/margin/jointStates.ts";
import { seededDraws } from "../../sdk/src/model/seededDraws.ts";
import { ARRAY_COUNT, LANE_COUNT, PPM, pairCount } from "../../sdk/src/protocol.ts";
import { linedText } from "./linedText.ts";

const NOTE = "written by tools/generate/jointVectors.ts; integers are decimal strings";

/** Path from the repository's root → text. */
export const jointVectorFiles = (): Map<string, string> =>
  new Map([["test/vectors/joint-states.json", linedText({ note: NOTE, cases: cases() })]]);

function cases() {
  const { integer } = seededDraws(211);
  return Array.from({ length: 60 }, (_, number) => {
    // volatilities of 0 and correlations of ±1 and 0 among them
    const volatilities = Array.from({ length: LANE_COUNT }, () => BigInt(integer(0, 9) === 0 ? 0 : integer(1, 40_000)));
    const correlations = Array.from({ length: pairCount(LANE_COUNT) }, () => {
      const kind = integer(0, 9);
      return kind < 2 ? BigInt(2 * kind - 1) * PPM : kind === 2 ? 0n : BigInt(integer(-1_000_000, 1_000_000));
    });
    const multiple = BigInt(integer(1_000_000, 50_000_000));
    // few underlyings, so that some arrays are kin
    const arrays = Array.from({ length: ARRAY_COUNT }, (_, place) =>
      number > 0 && integer(0, 3) === 0
        ? undefined
        : {
            underlying: integer(0, 1) === 0 ? integer(0, LANE_COUNT - 1) : integer(0, 2),
            step: BigInt(place === 0 ? 1 : integer(5_000, 200_000)),
          },
    );
    const words = packJointStates(jointStates({ multiple, volatilities, correlations, arrays }));
    return {
      multiple,
      volatilities: packLanes(volatilities),
      correlations: Array.from({ length: Math.ceil(correlations.length / LANE_COUNT) }, (_, word) =>
        packSignedLanes(correlations.slice(word * LANE_COUNT, (word + 1) * LANE_COUNT)),
      ),
      /** −1 where there is no array */
      underlyings: arrays.map((array) => String(array?.underlying ?? -1)),
      steps: arrays.map((array) => array?.step ?? 0n),
      words,
    };
  });
}
