/** Names of constants, the same in every generated language. */

/** `portfolioVolatility` → `PORTFOLIO_VOLATILITY` */
export const upper = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

/** `PORTFOLIO_` before a lane's name unless it already starts so. */
export const portfolioName = (lane: string): string =>
  upper(lane).startsWith("PORTFOLIO") ? upper(lane) : `PORTFOLIO_${upper(lane)}`;
