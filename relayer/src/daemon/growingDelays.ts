/** {s} */
const LIMIT = 60;

/** How long each of several things waits after failing, one time more after another. */
export type GrowingDelays = {
  /** {s} after one more failure: it doubles from two seconds to a minute, half of it by lot */
  readonly after: (name: string) => number;
  /** it went well */
  readonly end: (name: string) => void;
};

/** Remembered by this process: a restart begins with short delays again. */
export function growingDelays(): GrowingDelays {
  const failures = new Map<string, number>();
  return {
    after: (name) => {
      const count = (failures.get(name) ?? 0) + 1;
      failures.set(name, count);
      const delay = Math.min(LIMIT, 2 ** count);
      return Math.ceil(delay / 2 + (Math.random() * delay) / 2);
    },
    end: (name) => void failures.delete(name),
  };
}
