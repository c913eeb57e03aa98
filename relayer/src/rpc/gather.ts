/** A question that somebody was asked. */
export type Question = {
  readonly answered: Promise<unknown>;
  /** known to be slow: once there is enough without it, nobody waits for it */
  readonly slow: boolean;
};

/**
 * Waits until every question is answered or failed; or until there is enough and those who are not known to be slow have
 * answered too, or have had `patienceMs` for it. What comes later is the asker's to look at.
 */
export function gather(questions: readonly Question[], enough: () => boolean, patienceMs: number): Promise<void> {
  return new Promise((resolve) => {
    let [open, prompt] = [questions.length, questions.filter(({ slow }) => !slow).length];
    let timer: NodeJS.Timeout | undefined;
    const look = (): void => {
      const over = open === 0 || (enough() && (prompt === 0 || patienceMs === 0));
      if (over) {
        clearTimeout(timer);
        resolve();
      } else if (enough()) timer ??= setTimeout(resolve, patienceMs);
    };
    for (const { answered, slow } of questions) {
      const note = (): void => {
        open -= 1;
        if (!slow) prompt -= 1;
        look();
      };
      answered.then(note, note);
    }
    look();
  });
}
