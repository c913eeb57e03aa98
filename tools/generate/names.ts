/** Names of constants, the same in every generated language. */

/** `portfolioVolatility` → `PORTFOLIO_VOLATILITY` */
export const upper = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

/** The places of lanes or words with names: `[prefix_NAME, place]`. */
export const placesOf = (
  prefix: string,
  places: Readonly<Record<string, number>> | readonly string[],
): [string, number][] =>
  (Array.isArray(places) ? places.map((name, place): [string, number] => [name, place]) : Object.entries(places)).map(
    ([name, place]) => [`${prefix}_${upper(name)}`, place],
  );

/** `PORTFOLIO_` before a lane's name unless it already starts so. */
export const portfolioName = (lane: string): string =>
  upper(lane).startsWith("PORTFOLIO") ? upper(lane) : `PORTFOLIO_${upper(lane)}`;
