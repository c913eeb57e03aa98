/** The data of a vault's page: what shares hold, where the vault is going, and how much it moves. */
import { unpackLanes } from "@equipoise/sdk";
import { equipoiseActions } from "@equipoise/sdk/actions";
import { type Address, formatUnits, type PublicClient } from "viem";

const SHARE = 10n ** 18n;
/** shares to show amounts of: one share holds less than a unit of a dear token is worth */
const LOT = 1_000n;
/** {s} */
const YEAR = 31_536_000;

export async function vaultView(client: PublicClient, addresses: { vault: Address; riskState: Address }) {
  const vault = client.extend(equipoiseActions(addresses));
  const [assets, allocation, rebalance, lot, value, { supply }, { observationInterval }] = await Promise.all([
    ...([vault.readVaultAssets(), vault.readAllocation(), vault.readRebalance()] as const),
    ...([vault.quoteRedeem({ shares: LOT * SHARE }), vault.readVaultValue(), vault.readHoldings()] as const),
    vault.readVaultTimes(),
  ]);
  const risk = await vault.readRiskState({ index: allocation.index });
  const volatilities = unpackLanes(risk.volatilities);
  const exposure = allocation.exposure / 1e6;
  const yearly = (ppm: number | bigint) => (Number(ppm) / 1e6) * Math.sqrt(YEAR / Number(observationInterval));
  return {
    sharePrice: formatUnits((value * SHARE) / supply, 18),
    volatility: exposure * yearly(allocation.portfolioVolatility),
    provenAt: new Date(Number(allocation.endTime) * 1000),
    rebalancesUntil: new Date(Number(rebalance.endTime) * 1000),
    assets: assets.map(({ symbol, decimals, asset }) => ({
      symbol,
      inLot: formatUnits(lot[asset] ?? 0n, decimals),
      // cash, the last one, has no weight: it is what the exposure leaves
      target: asset < 12 ? (exposure * Number(allocation.weights[asset])) / 1e6 : 1 - exposure,
      volatility: asset < 12 ? yearly(volatilities[asset] ?? 0n) : 0,
    })),
  };
}
