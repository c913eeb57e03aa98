import type { Hex } from "viem";
import { chainTime, setNextBlockTime } from "../../chains/clock.ts";
import { runStep } from "../../stepFailed.ts";
import type { Context } from "../context.ts";
import { type AssessedAccount, type AssessedHouse, assessAccounts } from "./assessAccounts.ts";
import { clearingSite } from "./clearingSite.ts";
import { type Keeper, lookAtAuction, stopRecovered, type TakenSlice } from "./keepAuction.ts";

/** What became of an account below its maintenance requirement. */
export type LiquidatedAccount = {
  readonly account: Hex;
  readonly auction: bigint;
  /** in which it was short at first, with what it had and needed there {ppm of a dollar} */
  readonly scenario: number;
  readonly equity: bigint;
  readonly requirement: bigint;
  /** nothing where the auction was running already */
  readonly startGas?: bigint;
  readonly slices: readonly TakenSlice[];
  /** nothing where it was sold whole, or has not recovered */
  readonly stopGas?: bigint;
};

/** {s} between two looks at an auction */
const LOOK = 30n;
/** {s} the solvent phase, the growth of the insolvent one, and a little more */
const PATIENCE = 4_800n;

/** Local chains only: looks at an account that is short until it is so no more, moving time on in between. */
export function liquidateAccount(context: Context, house: AssessedHouse, short: AssessedAccount, keeper: Keeper) {
  return runStep("liquidate", async (): Promise<LiquidatedAccount> => {
    const { chain } = clearingSite(context);
    const { account, margin } = short;
    const slices: TakenSlice[] = [];
    let auction = 0n;
    let startGas: bigint | undefined;
    let left: AssessedAccount | undefined = short;
    const begun = await chainTime(chain);
    for (let time = begun; time < begun + PATIENCE; time += LOOK) {
      if (left === undefined || left.margin.excess.maintenance >= 0n) break;
      await setNextBlockTime(chain, time);
      const look = await lookAtAuction(context, house, left, keeper);
      auction = look.auction;
      startGas ??= look.startGas;
      if (look.slice === undefined) continue;
      slices.push(look.slice);
      left = (await assessAccounts(context)).accounts.find((assessed) => assessed.account === account);
      time = await chainTime(chain);
    }
    const stopGas = await stopRecovered(context, house, account);
    const { equity, maintenanceMargin: requirement } = margin;
    return {
      account,
      auction,
      scenario: margin.worst.scenario,
      equity,
      requirement,
      slices,
      ...(startGas === undefined ? {} : { startGas }),
      ...(stopGas === undefined ? {} : { stopGas }),
    };
  });
}
