import { logRanges } from "@equipoise/sdk/actions";
import type { Abi, Address, ContractEventName, GetContractEventsReturnType } from "viem";
import type { Chain } from "../chains/chain.ts";

/** {blocks} looked at again below what has been looked at: a reorg may have put other logs there */
export const REORG_MARGIN = 64n;

type EventSource<abi extends Abi, name extends ContractEventName<abi>> = {
  readonly address: Address;
  readonly abi: abi;
  readonly eventName: name;
  /** block of the contract's deployment */
  readonly block: number;
};
type EventLog<abi extends Abi, name extends ContractEventName<abi>> = GetContractEventsReturnType<
  abi,
  name,
  true
>[number];

/** What has been read of one event: the last log of each key, and up to which block no reorg is reckoned with. */
type Scan = { settled: Map<string, unknown>; next: bigint; turn: Promise<unknown> };
/** By reader: another client may be of another chain. */
const scans = new WeakMap<Chain["reader"], Map<string, Scan>>();

/**
 * The last log of an event for each key, in the order in which keys first appeared. What this process has read before is not asked for
 * again, but for the newest blocks: a restart reads all once more.
 */
export async function lastLogs<const abi extends Abi, name extends ContractEventName<abi>>(
  { reader }: Pick<Chain, "reader">,
  source: EventSource<abi, name>,
  keyOf: (log: EventLog<abi, name>) => string,
): Promise<EventLog<abi, name>[]> {
  const { address, abi, eventName, block } = source;
  const ofReader = scans.get(reader) ?? new Map<string, Scan>();
  scans.set(reader, ofReader);
  const name = `${address}:${eventName}`;
  const scan = ofReader.get(name) ?? { settled: new Map(), next: BigInt(block), turn: Promise.resolve() };
  ofReader.set(name, scan);
  const read = async (): Promise<EventLog<abi, name>[]> => {
    const head = await reader.getBlockNumber();
    if (head + 1n < scan.next) [scan.settled, scan.next] = [new Map(), BigInt(block)]; // it has gone back further than that
    const newest = new Map(scan.settled) as Map<string, EventLog<abi, name>>;
    for (const range of logRanges(scan.next, head)) {
      const found = (await reader.getContractEvents({
        ...range,
        address,
        abi: abi as Abi,
        eventName,
        strict: true,
      })) as unknown as EventLog<abi, name>[];
      const known = head - REORG_MARGIN < range.toBlock ? head - REORG_MARGIN : range.toBlock;
      for (const log of found) {
        newest.set(keyOf(log), log);
        if ((log.blockNumber as bigint) <= known) scan.settled.set(keyOf(log), log);
      }
      // kept range by range: where a question fails, the next look goes on there
      if (known >= scan.next) scan.next = known + 1n;
    }
    return [...newest.values()];
  };
  // one at a time: each goes on from where the one before has come to
  const turn = scan.turn.then(read, read);
  scan.turn = turn;
  return turn;
}
