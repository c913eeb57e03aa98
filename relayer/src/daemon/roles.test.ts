import { simulatedDeployment } from "@equipoise/sdk/testing";
import { describe, expect, it } from "vitest";
import { localAccounts } from "../chains/accounts.ts";
import type { Chain } from "../chains/chain.ts";
import type { Context } from "../pipeline/context.ts";
import { openStore } from "../store/store.ts";
import { ROLES } from "./daemonConfig.ts";
import { dutiesOf } from "./roles.ts";

/** The simulated deployment with another name for its second mandate. */
function contextOf(mandate: string): Context {
  const text = JSON.stringify(simulatedDeployment()).replaceAll('"calm"', JSON.stringify(mandate));
  const deployment = JSON.parse(text) as Context["deployment"];
  const chains = deployment.chains.map(({ chainId, eid, role }) => ({ chainId, eid, role }) as Chain);
  const prover = { prove: () => Promise.reject(new Error("nothing is proven here")) };
  return { chains, deployment, accounts: localAccounts(), prover, store: openStore() };
}

describe("dutiesOf", () => {
  it.each(["calm", "desk", "epoch"])(
    "behavior: no two duties have one name, also with a mandate called %s",
    (mandate) => {
      const terms = { minimumProfit: 0n, discount: 0n };
      const duties = dutiesOf(
        contextOf(mandate),
        ROLES,
        terms,
        async () => 0,
        async () => undefined,
      );
      const names = duties.map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      expect(names.filter((name) => name.endsWith(`vault:${mandate}`))).toHaveLength(2 * 3);
    },
  );
});
