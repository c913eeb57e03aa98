import { type Account, type Address, type Chain, type Client, type Hex, hashTypedData, type Transport } from "viem";
import { signTypedData } from "viem/actions";
import { SERIES_KINDS, type SeriesKind } from "../protocol.ts";

/** What the owner of an account signs to trade; it may be filled in parts. */
export type Order = {
  /** owner and number, see `accountOf` */
  readonly account: Hex;
  /** 16 · array + place */
  readonly series: number;
  /** kind, expiry {s} and strike {ppt of a dollar} bind the order to what stands in the place when it is signed */
  readonly kind: SeriesKind;
  readonly expiry: bigint;
  readonly strike: bigint;
  readonly buys: boolean;
  /** {ppm of a contract} at most */
  readonly quantity: bigint;
  /** {ppt of a dollar per contract} a buyer's highest, a seller's lowest */
  readonly price: bigint;
  /** {ppm} of the cash that moves */
  readonly maxFee: bigint;
  /** {s} last second in which it may be filled */
  readonly deadline: bigint;
  /** tells orders apart that are otherwise the same */
  readonly salt: bigint;
};

/** What an EIP-712 signature over an order is for: one exchange on one chain. */
export type OrderParameters = { readonly exchange: Address; readonly order: Order };

const types = {
  Order: [
    { name: "account", type: "bytes32" },
    { name: "series", type: "uint256" },
    { name: "kind", type: "uint256" },
    { name: "expiry", type: "uint256" },
    { name: "strike", type: "uint256" },
    { name: "buys", type: "bool" },
    { name: "quantity", type: "uint256" },
    { name: "price", type: "uint256" },
    { name: "maxFee", type: "uint256" },
    { name: "deadline", type: "uint256" },
    { name: "salt", type: "uint256" },
  ],
} as const;

/** An order as the contract takes it. */
export const orderMessage = (order: Order) => ({
  ...order,
  series: BigInt(order.series),
  kind: BigInt(SERIES_KINDS.indexOf(order.kind)),
});

/** What a wallet shows and signs. */
export const orderTypedData = (chainId: number, { exchange, order }: OrderParameters) =>
  ({
    domain: { name: "Equipoise Clearing", version: "1", chainId, verifyingContract: exchange },
    types,
    primaryType: "Order",
    message: orderMessage(order),
  }) as const;

/** The hash that an order's signature is over; `hashOrder` of the contract says the same. */
export const hashOrder = (chainId: number, parameters: OrderParameters): Hex =>
  hashTypedData(orderTypedData(chainId, parameters));

/** Signs an order with the client's account, for the exchange on the client's chain. */
export const signOrder = (client: Client<Transport, Chain, Account>, parameters: OrderParameters): Promise<Hex> =>
  signTypedData(client, { ...orderTypedData(client.chain.id, parameters), account: client.account });
