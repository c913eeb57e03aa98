import { clearingHouseAbi, liquidationAbi, lossBookAbi, readAccount, writeOffDebt } from "@equipoise/sdk/actions";
import { type Hex, parseEventLogs } from "viem";
import { newestBlock } from "../../chains/clock.ts";
import { runStep, unlessRefused } from "../../stepFailed.ts";
import type { Context } from "../context.ts";
import { type ClearingSite, clearingSite } from "./clearingSite.ts";
import { isBareDebt, readHouseAccounts } from "./houseAccounts.ts";

/** A debt that was paid by the backstop and, beyond what that had, by all who are owed dollars. Money {ppm of a dollar}. */
export type WrittenOffDebt = {
  readonly account: Hex;
  readonly debt: bigint;
  /** less than the debt where not all of it could be shared out */
  readonly paid: bigint;
  readonly gasUsed: bigint;
};

/** {ppm of a dollar} below which no loss is shared (L-8), and a part of a debt is not worth the gas */
const DOLLAR = 1_000_000n;

/** Has debts paid of accounts that hold nothing: nobody buys such an account, and its debt is dollars that another waits for. */
export function writeOffDebts(context: Context): Promise<WrittenOffDebt[]> {
  return runStep("write off debts", async () => {
    const site = clearingSite(context);
    const { chain, clearing } = site;
    const { liquidation } = clearing;
    const client = chain.signer(context.accounts.relayer, await newestBlock(chain));
    const backstop = await backstopOf(site);
    const results: WrittenOffDebt[] = [];
    for (const { account, due } of await readHouseAccounts(context)) {
      if (account === backstop || !isBareDebt(due) || !(await canPay(site, backstop, -due.cash))) continue;
      const sent = await unlessRefused(["NoBareDebt"], () => writeOffDebt(client, { liquidation, account }));
      if (sent === undefined) continue;
      const { logs, gasUsed } = sent;
      const [written] = parseEventLogs({ abi: liquidationAbi, eventName: "DebtWrittenOff", logs: [...logs] });
      if (written !== undefined) results.push({ ...written.args, gasUsed });
    }
    return results;
  });
}

const backstopOf = ({ chain, clearing }: ClearingSite): Promise<Hex> =>
  chain.reader.readContract({ address: clearing.clearingHouse, abi: clearingHouseAbi, functionName: "backstop" });

/** Whether the backstop has enough to be worth it, or what it lacks could be shared. @param debt {ppm of a dollar} */
async function canPay({ chain, clearing }: ClearingSite, backstop: Hex, debt: bigint): Promise<boolean> {
  const book = { address: clearing.lossBook, abi: lossBookAbi } as const;
  const [{ cash }, pending, positive] = await Promise.all([
    readAccount(chain.reader, { ...clearing, account: backstop }),
    chain.reader.readContract({ ...book, functionName: "pending" }),
    chain.reader.readContract({ ...book, functionName: "positive" }),
  ]);
  return cash + pending >= (debt < DOLLAR ? debt : DOLLAR) || positive >= DOLLAR;
}
