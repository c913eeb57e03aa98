import { SERIES_PER_ARRAY } from "@equipoise/sdk";
import {
  endFunding,
  readFundingEnd,
  readObservationLog,
  readSettlementPrice,
  recordSettlement,
  settleAccount,
  settlementPricesAbi,
} from "@equipoise/sdk/actions";
import type { Hex } from "viem";
import { chainTime } from "../../chains/clock.ts";
import { runStep, unlessRefused } from "../../stepFailed.ts";
import type { Context } from "../context.ts";
import { clearingSite } from "./clearingSite.ts";
import { type HouseAccount, isSettled, readHouseAccounts } from "./houseAccounts.ts";
import { readListedSeries } from "./listedSeries.ts";

/** An expiry whose settlement price the log's last observation was counted towards. */
export type RecordedSettlement = {
  readonly lane: number;
  readonly expiry: bigint;
  readonly gasUsed: bigint;
  /** {ppt of a dollar} once it is final */
  readonly price?: bigint;
};

/** Refusals that say: it has been counted, or cannot count. */
const LOST_RACE = ["ObservationAlreadyRecorded", "SettlementFinal", "ObservationBeforeWindow"] as const;

/** Counts the log's last observation towards every settlement price whose window it is in, each once. */
export function recordSettlements(context: Context): Promise<RecordedSettlement[]> {
  return runStep("record settlement prices", async () => {
    const { chain, hub, clearing } = clearingSite(context);
    const { settlementPrices } = clearing;
    const contract = { address: settlementPrices, abi: settlementPricesAbi } as const;
    const [{ lastObservedAt }, window, expiries] = await Promise.all([
      readObservationLog(chain.reader, hub),
      chain.reader.readContract({ ...contract, functionName: "window" }),
      expiriesOf(context),
    ]);
    const results: RecordedSettlement[] = [];
    for (const { lane, expiry } of expiries) {
      const args = [BigInt(lane), expiry] as const;
      const [isFinal, [, recordedAt]] = await Promise.all([
        chain.reader.readContract({ ...contract, functionName: "isFinal", args }),
        chain.reader.readContract({ ...contract, functionName: "recorded", args }),
      ]);
      if (isFinal || lastObservedAt <= recordedAt || lastObservedAt + window <= expiry) continue;
      const client = chain.signer(context.accounts.relayer);
      const sent = await unlessRefused(LOST_RACE, () => recordSettlement(client, { settlementPrices, lane, expiry }));
      if (sent === undefined) continue;
      const price = await readSettlementPrice(chain.reader, { settlementPrices, lane, expiry });
      results.push({ lane, expiry, gasUsed: sent.gasUsed, ...(price === undefined ? {} : { price }) });
    }
    return results;
  });
}

/** Underlying and expiry of listed options and of perpetuals with a notice, each once. */
async function expiriesOf(context: Context): Promise<{ readonly lane: number; readonly expiry: bigint }[]> {
  const ending = (await readListedSeries(context)).filter(({ expiry }) => expiry !== 0n);
  const different = new Map(
    ending.map(({ underlying, expiry }) => [`${underlying}:${expiry}`, { underlying, expiry }]),
  );
  return [...different.values()].map(({ underlying, expiry }) => ({ lane: underlying, expiry }));
}

/** Books the last funding of perpetuals whose notice is over, where no epoch has done it. */
async function endPerpetuals(context: Context): Promise<void> {
  const { chain, clearing } = clearingSite(context);
  const { riskArrays } = clearing;
  const now = await chainTime(chain);
  for (const { series, kind, expiry } of await readListedSeries(context)) {
    if (kind !== "perpetual" || expiry === 0n || now < expiry) continue;
    const array = Math.floor(series / SERIES_PER_ARRAY);
    if ((await readFundingEnd(chain.reader, { riskArrays, array })) !== undefined) continue;
    await endFunding(chain.signer(context.accounts.relayer), { riskArrays, array });
  }
}

/** An account to which what was due has been applied. */
export type SettledAccount = { readonly account: Hex; readonly gasUsed: bigint };

/**
 * Applies what is due to every account to which something is: settlement of expired series and retired perpetuals, funding of
 * perpetuals, the last one where a notice is over.
 */
export const settleAccounts = (context: Context): Promise<SettledAccount[]> =>
  settleWhere(context, (held) => !isSettled(held));

/**
 * The same for accounts of which a position has ended. Funding alone is left to whatever happens to them next: a proof, a trade,
 * a slice each apply it.
 */
export const settleEnded = (context: Context): Promise<SettledAccount[]> =>
  settleWhere(context, ({ written, due }) => due.positions.length < written.positions.length);

function settleWhere(context: Context, isDue: (held: HouseAccount) => boolean): Promise<SettledAccount[]> {
  return runStep("settle accounts", async () => {
    await endPerpetuals(context);
    const { chain, clearing } = clearingSite(context);
    const { clearingHouse } = clearing;
    const client = chain.signer(context.accounts.relayer);
    const results: SettledAccount[] = [];
    for (const { account } of (await readHouseAccounts(context)).filter(isDue)) {
      results.push({ account, gasUsed: (await settleAccount(client, { clearingHouse, account })).gasUsed });
    }
    return results;
  });
}
