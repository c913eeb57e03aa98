import { type Chain, type ClearingSite, setNextBlockTime } from "@equipoise/relayer";
import { clearingHouseAbi, receiptOf } from "@equipoise/sdk/actions";
import { type Address, type Hex, parseEther, toHex } from "viem";
import { writeContract } from "viem/actions";

const ask = (chain: Chain, method: string, params: unknown[]): Promise<unknown> =>
  chain.reader.request({ method, params } as unknown as Parameters<typeof chain.reader.request>[0]);

/**
 * Makes one account owe another, as only the house's liquidation contract may: the state in which an expiry or a price that
 * jumps leaves an account, without the days that it takes.
 * @param amount {ppm of a dollar}
 */
export async function makeDebt({ chain, clearing }: ClearingSite, from: Hex, to: Hex, amount: bigint): Promise<void> {
  const { liquidation, clearingHouse } = clearing;
  await ask(chain, "anvil_setBalance", [liquidation, toHex(parseEther("1"))]);
  await ask(chain, "anvil_impersonateAccount", [liquidation]);
  const { timestamp } = await chain.reader.getBlock();
  await setNextBlockTime(chain, timestamp);
  const hash = await writeContract(chain.reader, {
    account: liquidation as Address,
    address: clearingHouse,
    abi: clearingHouseAbi,
    functionName: "moveCash",
    args: [from, to, amount],
    chain: chain.reader.chain,
  });
  await receiptOf(chain.reader, hash); // viem's own asks again with the next block only, and none may come
  await ask(chain, "anvil_stopImpersonatingAccount", [liquidation]);
}
