import type { Address, Client } from "viem";
import { acceptArray } from "./acceptArray.ts";
import { acceptDeposit } from "./acceptDeposit.ts";
import { acceptRisk } from "./acceptRisk.ts";
import { allocate } from "./allocate.ts";
import { approve } from "./approve.ts";
import { beginEpoch } from "./beginEpoch.ts";
import { bid } from "./bid.ts";
import { bidLiquidation } from "./bidLiquidation.ts";
import { broadcastRisk, quoteBroadcast } from "./broadcastRisk.ts";
import { buyCollateral } from "./buyCollateral.ts";
import { callDebt } from "./callDebt.ts";
import { confirmLiquidation } from "./confirmLiquidation.ts";
import { depositCollateral, quoteDeposit } from "./depositCollateral.ts";
import { endFunding, readFundingEnd } from "./endFunding.ts";
import { enterDesk, expectSlice, leaveDesk } from "./enterDesk.ts";
import { fundDesk, giveBackDesk, renewDesk } from "./fundDesk.ts";
import { mint, quoteMint } from "./mint.ts";
import { observe } from "./observe.ts";
import { openRebalance } from "./openRebalance.ts";
import { applyProtection, markOptions, readOptionMark, readProtection, scheduleProtection } from "./protectDesk.ts";
import { proveHealth } from "./proveHealth.ts";
import { proveSolvency, readSolvency } from "./proveSolvency.ts";
import {
  readAccount,
  readAccountFacts,
  readAccountVersion,
  readHealth,
  readIsHealthy,
  readOpenAccounts,
} from "./readAccount.ts";
import { readDebt } from "./readDebt.ts";
import { readDesk, readDeskAuction, readDeskGap } from "./readDesk.ts";
import { readArrayFacts, readArrayFactsNow, readEpoch, readEpochNumbers, readHaltedArrays } from "./readEpoch.ts";
import { readAssessment, readAuction } from "./readLiquidation.ts";
import { readMargin } from "./readMargin.ts";
import { readObservationLog } from "./readObservationLog.ts";
import { readOpenInterest } from "./readOpenInterest.ts";
import { readLatestRiskIndex, readRiskState } from "./readRiskState.ts";
import { readPayoff, readSeries } from "./readSeries.ts";
import { readAllocation, readHoldings, readMandate, readRebalance, readVaultValue } from "./readVault.ts";
import { readVaultAssets } from "./readVaultAssets.ts";
import { readVaultTimes } from "./readVaultTimes.ts";
import { readVolatility } from "./readVolatility.ts";
import { readWindow } from "./readWindow.ts";
import { readSettlementPrice, recordSettlement } from "./recordSettlement.ts";
import { quoteRedeem, redeem } from "./redeem.ts";
import { reportVolatility } from "./reportVolatility.ts";
import { retireSeries } from "./retireSeries.ts";
import type { WritingClient } from "./sendCall.ts";
import { settleAccount } from "./settleAccount.ts";
import { signOrder } from "./signOrder.ts";
import { signVolatilityReport } from "./signVolatility.ts";
import { hasCollateralSnapshot, snapshotCollateral } from "./snapshotCollateral.ts";
import { startLiquidation } from "./startLiquidation.ts";
import { stopLiquidation } from "./stopLiquidation.ts";
import { trade } from "./trade.ts";
import { fillDeskAuction, openDeskAuction } from "./tradeDesk.ts";
import { waitForAllocation } from "./waitForAllocation.ts";
import { quoteWithdrawal, withdrawCollateral } from "./withdrawCollateral.ts";
import { writeOffDebt } from "./writeOffDebt.ts";

const READS = {
  ...{ hasCollateralSnapshot, quoteBroadcast, quoteDeposit, quoteMint, quoteRedeem, quoteWithdrawal },
  ...{ readAccount, readAccountFacts, readAccountVersion, readAllocation, readArrayFacts, readArrayFactsNow },
  ...{
    readAssessment,
    readAuction,
    readDebt,
    readEpoch,
    readEpochNumbers,
    readFundingEnd,
    readHaltedArrays,
    readHealth,
    readHoldings,
    readIsHealthy,
  },
  ...{ readDesk, readDeskAuction, readDeskGap, readOptionMark, readProtection },
  ...{ readLatestRiskIndex, readMandate, readMargin, readObservationLog, readOpenAccounts },
  ...{ readOpenInterest, readPayoff, readRebalance, readRiskState, readSeries, readSettlementPrice, readSolvency },
  ...{ readVaultAssets, readVaultTimes, readVaultValue, readVolatility, readWindow, waitForAllocation },
};
const WRITES = {
  ...{ acceptArray, acceptDeposit, acceptRisk, allocate, approve, beginEpoch, bid, bidLiquidation, broadcastRisk },
  ...{ buyCollateral, callDebt },
  ...{
    confirmLiquidation,
    depositCollateral,
    endFunding,
    mint,
    observe,
    openRebalance,
    proveHealth,
    proveSolvency,
    recordSettlement,
    retireSeries,
  },
  ...{ redeem, reportVolatility, settleAccount, signOrder, signVolatilityReport, snapshotCollateral, startLiquidation },
  ...{ applyProtection, markOptions, scheduleProtection },
  ...{ enterDesk, expectSlice, fillDeskAuction, fundDesk, giveBackDesk, leaveDesk, openDeskAuction, renewDesk },
  ...{ stopLiquidation, trade, withdrawCollateral, writeOffDebt },
};

/** Contracts that actions ask for by address. */
const CONTRACT_NAMES = [
  ...(["clearingHouse", "collateralGate", "collateralHub", "exchange", "liquidation", "listings"] as const),
  ...([
    "marginEngine",
    "marginTerms",
    "observationLog",
    "riskArrays",
    "riskBeacon",
    "riskOracle",
    "riskState",
    "settlementPrices",
  ] as const),
  ...(["deskAuctions", "vault", "vaultDesk", "volatilityLog"] as const),
] as const;

/** Where contracts are on a client's chain. What a deployment's record says fits as it is. */
export type EquipoiseAddresses = { readonly [name in (typeof CONTRACT_NAMES)[number]]?: Address | undefined };

/** An action without its client, and with known addresses optional. */
type Bound<action, known> = action extends (client: never, parameters: infer asked) => infer answer
  ? Record<never, never> extends Remaining<asked, known>
    ? (parameters?: Remaining<asked, known>) => answer
    : (parameters: Remaining<asked, known>) => answer
  : never;
type Remaining<asked, known> = Omit<asked, NamedIn<known>> & Partial<Pick<asked, keyof asked & NamedIn<known>>>;
type NamedIn<known> = keyof known & keyof EquipoiseAddresses;
type BoundActions<actions, known> = { [name in keyof actions]: Bound<actions[name], known> };

/** Actions of a client that cannot sign. */
export type EquipoiseReads<known extends EquipoiseAddresses = EquipoiseAddresses> = BoundActions<typeof READS, known>;
/** Further actions of a client with an account. */
export type EquipoiseWrites<known extends EquipoiseAddresses = EquipoiseAddresses> = BoundActions<typeof WRITES, known>;
/** What a client is extended with. */
export type EquipoiseActions<client, known extends EquipoiseAddresses> = client extends WritingClient
  ? EquipoiseReads<known> & EquipoiseWrites<known>
  : EquipoiseReads<known>;

/**
 * Every action of the SDK as a method of a viem client: reads for any client, writes for one with an account.
 *
 * ```ts
 * const client = createPublicClient({ chain, transport: http() }).extend(equipoiseActions({ vault }));
 * const { weights } = await client.readAllocation();
 * ```
 * Who needs a few actions only imports these: bundlers leave out the rest.
 * @param addresses of the client's chain; what is given here can be left out of each call, and given there wins
 */
export function equipoiseActions<const known extends EquipoiseAddresses = Record<never, never>>(addresses?: known) {
  const entries = CONTRACT_NAMES.flatMap((name) => (addresses?.[name] === undefined ? [] : [[name, addresses[name]]]));
  const given = Object.fromEntries(entries);
  const bound = (client: Client, actions: object): object =>
    Object.fromEntries(
      Object.entries(actions).map(([name, action]) => [
        name,
        (parameters: object = {}) => action(client, { ...given, ...parameters }),
      ]),
    );
  return <client extends Client>(client: client): EquipoiseActions<client, known> =>
    bound(client, client.account === undefined ? READS : { ...READS, ...WRITES }) as EquipoiseActions<client, known>;
}
