import { LANE_COUNT, type Mandate, PPM, riskContributions, riskSharesPpm, totalRisk, WAD } from "@equipoise/sdk";
import { readHoldings } from "@equipoise/sdk/actions";
import type { VaultSite } from "../pipeline/index.ts";

/** What a vault holds, seen at some prices. Lists have one entry per asset. */
export type Portfolio = {
  /** {D18} cash */
  readonly value: bigint;
  /** {ppm} of the value at risk that each asset has; all 0 when everything is in cash */
  readonly weights: readonly bigint[];
  /** {ppm} of value that is not cash */
  readonly exposure: bigint;
  /** {ppm} of risk that each asset carries; nothing when everything is in cash */
  readonly riskShares: readonly bigint[] | undefined;
};

/**
 * A vault's holdings as weights and risk shares.
 * @param prices {D18} one per asset
 * @param triangle of the mandate's decay
 */
export async function readPortfolio(
  { chain, deployment, vault }: VaultSite,
  prices: readonly bigint[],
  triangle: readonly bigint[],
  { shrinkage }: Pick<Mandate, "shrinkage">,
): Promise<Portfolio> {
  const { balances } = await readHoldings(chain.reader, { vault });
  const values = deployment.tokens.map(
    ({ decimals }, lane) => ((balances[lane] ?? 0n) * (prices[lane] ?? 0n)) / 10n ** BigInt(decimals),
  );
  const atRisk = values.reduce((sum, value) => sum + value, 0n);
  const cash = ((balances[LANE_COUNT] ?? 0n) * WAD) / 10n ** BigInt(deployment.cash.decimals);
  const value = atRisk + cash;
  const weights = values.map((part) => (atRisk === 0n ? 0n : (part * PPM) / atRisk));
  const lanes = Array.from({ length: LANE_COUNT }, (_, lane) => weights[lane] ?? 0n);
  const contributions = riskContributions(triangle, shrinkage, lanes);
  const exposure = value === 0n ? 0n : (atRisk * PPM) / value;
  const shares = totalRisk(contributions) > 0n ? riskSharesPpm(contributions).slice(0, weights.length) : undefined;
  return { value, weights, exposure, riskShares: shares };
}
