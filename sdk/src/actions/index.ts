/**
 * @equipoise/sdk/actions: reads and writes of the contracts with a viem client. A write simulates first, names the
 * error of a refusal (`CallReverted`), and returns when it is mined.
 */
export * from "./abi/index.ts";
export * from "./acceptArray.ts";
export * from "./acceptDeposit.ts";
export * from "./acceptRisk.ts";
export * from "./allocate.ts";
export * from "./approve.ts";
export * from "./beginEpoch.ts";
export * from "./bid.ts";
export * from "./bidLiquidation.ts";
export * from "./broadcastRisk.ts";
export * from "./callReverted.ts";
export * from "./confirmLiquidation.ts";
export * from "./contractCall.ts";
export * from "./depositCollateral.ts";
export * from "./layerZeroErrors.ts";
export * from "./listSeries.ts";
export * from "./marginProof.ts";
export * from "./mint.ts";
export * from "./observe.ts";
export * from "./openRebalance.ts";
export * from "./proveHealth.ts";
export * from "./readAccount.ts";
export * from "./readEpoch.ts";
export * from "./readLiquidation.ts";
export * from "./readMargin.ts";
export * from "./readObservationLog.ts";
export * from "./readRiskState.ts";
export * from "./readSeries.ts";
export * from "./readVault.ts";
export * from "./readVolatility.ts";
export * from "./readWindow.ts";
export * from "./recordSettlement.ts";
export * from "./redeem.ts";
export * from "./reportVolatility.ts";
export * from "./sendCall.ts";
export * from "./settleAccount.ts";
export * from "./signOrder.ts";
export * from "./signVolatility.ts";
export * from "./snapshotCollateral.ts";
export * from "./startLiquidation.ts";
export * from "./stopLiquidation.ts";
export * from "./trade.ts";
export * from "./withdrawCollateral.ts";
export * from "./writeOffDebt.ts";
