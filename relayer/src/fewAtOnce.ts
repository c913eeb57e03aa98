/** Questions to a chain that are asked at once: one after the other, a hundred take minutes, and endpoints refuse too many in a second */
const AT_ONCE = 16;

/** What comes of each, in order; no more than a few are worked on at once. The first failure ends it. */
export async function fewAtOnce<item, result>(
  items: readonly item[],
  work: (one: item) => Promise<result>,
): Promise<result[]> {
  const results = new Array<result>(items.length);
  const left = items.entries();
  const worker = async (): Promise<void> => {
    for (const [place, one] of left) results[place] = await work(one);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}
