import {
  type Client,
  createPublicClient,
  createWalletClient,
  custom,
  decodeFunctionData,
  defineChain,
  type Hex,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { describe, expect, it } from "vitest";
import { simulatedDeployment } from "../testing/index.ts";
import { parityVaultAbi } from "./abi/parityVault.ts";
import { clearingOf, hubOf, parseDeployment } from "./deployment/index.ts";
import { type EquipoiseReads, type EquipoiseWrites, equipoiseActions } from "./equipoiseActions.ts";
import type * as actions from "./index.ts";

const vault = "0x00000000000000000000000000000000000000aa";
const other = "0x00000000000000000000000000000000000000bb";
const chain = defineChain({
  id: 31_337,
  name: "local",
  nativeCurrency: { name: "ether", symbol: "ETH", decimals: 18 },
  rpcUrls: { default: { http: ["http://127.0.0.1"] } },
});
type Asked = { readonly method: string; readonly params: readonly [{ readonly to: string; readonly data: Hex }] };

/** A transport that keeps what is asked of it and answers with nothing usable. */
function listener() {
  const asked: Asked[] = [];
  const request = async (question: Asked): Promise<never> => {
    asked.push(question);
    throw new Error("listening only");
  };
  return { asked, transport: custom({ request }, { retryCount: 0 }) };
}

/** Exported functions whose first parameter is a client, but for those that only carry a call. */
type ActionName = {
  [name in keyof typeof actions]: (typeof actions)[name] extends (...parameters: infer asked) => unknown
    ? asked extends readonly [infer client, ...unknown[]]
      ? client extends Client
        ? name
        : never
      : never
    : never;
}[keyof typeof actions];
type Missing = Exclude<ActionName, keyof EquipoiseReads | keyof EquipoiseWrites | "gasOf" | "receiptOf" | "sendCall">;

describe("equipoiseActions", () => {
  it("default: every action, asked of the address that was given once", async () => {
    const none: [Missing] extends [never] ? true : Missing = true;
    expect(none).toBe(true);
    const { asked, transport } = listener();
    const client = createPublicClient({ chain, transport }).extend(equipoiseActions({ vault }));
    await expect(client.readMandate()).rejects.toThrow("listening only");
    expect(asked[0]?.params[0].to).toBe(vault);
    await expect(client.readMandate({ vault: other })).rejects.toThrow();
    expect(asked.at(-1)?.params[0].to).toBe(other);
  });

  it("behavior: a public client reads, and has no writes in its type either", () => {
    const client = createPublicClient({ chain, transport: listener().transport }).extend(equipoiseActions());
    expect(client).not.toHaveProperty("mint");
    // @ts-expect-error: it has no account to mint with
    expect(client.mint).toBeUndefined();
    // @ts-expect-error: no vault was given
    const asked = () => client.readMandate({});
    expect(asked).toBeTypeOf("function");
  });

  it("behavior: a wallet client writes; what is left to say is typed", async () => {
    const { asked, transport } = listener();
    const account = privateKeyToAccount(`0x${"11".repeat(32)}`);
    const client = createWalletClient({ account, chain, transport }).extend(equipoiseActions({ vault }));
    await expect(client.mint({ shares: 5n, receiver: account.address })).rejects.toThrow();
    const [{ to, data }] = (asked[0] as Asked).params;
    expect(to).toBe(vault);
    expect(decodeFunctionData({ abi: parityVaultAbi, data })).toMatchObject({
      functionName: "mint",
      args: [5n, account.address],
    });
    // @ts-expect-error: shares are counted in bigint
    const wrong = () => client.mint({ shares: 5, receiver: account.address });
    expect(wrong).toBeTypeOf("function");
  });

  it("behavior: of a deployment's record only the addresses of contracts are taken", async () => {
    const { asked, transport } = listener();
    const record = { vault, chainId: 31_337, index: 999n, length: 1 } as const;
    const client = createPublicClient({ chain, transport }).extend(equipoiseActions(record));
    await expect(client.readRiskState({ riskState: vault, index: 7n })).rejects.toThrow();
    expect(asked[0]?.params[0].data.endsWith("07")).toBe(true);
    // @ts-expect-error: which risk state is asked for is not of the record
    expect(() => client.readRiskState({ riskState: vault })).toBeTypeOf("function");
  });

  it("behavior: a deployment's hub and its clearing are addresses", async () => {
    const { asked, transport } = listener();
    const deployment = parseDeployment(simulatedDeployment());
    const [hub, clearing] = [hubOf(deployment), clearingOf(deployment)];
    const client = createPublicClient({ chain, transport }).extend(equipoiseActions({ ...hub, ...clearing }));
    await expect(client.readObservationLog()).rejects.toThrow();
    await expect(client.readEpochNumbers()).rejects.toThrow();
    const to = asked.map(({ params }) => params[0].to);
    expect(to).toContain(hub.observationLog);
    expect(to).toContain(clearing.riskArrays);
  });
});
