import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RelayerStatus } from "./readStatus.ts";
import { isHere, startServer, troublesOf } from "./server.ts";

const chain = { chainId: 1, eid: 2, role: "hub", head: 7n, openTransactions: 0, openPackets: 0 } as const;
let status: RelayerStatus;
let retried = 0;
let server: Awaited<ReturnType<typeof startServer>>;
beforeEach(async () => {
  status = { chains: [chain], packets: {}, proofs: 0, deadLetters: [], queues: [] };
  server = await startServer(
    { host: "0.0.0.0", port: 0 },
    {
      metrics: async () => "up 1\n",
      status: async () => status,
      troubles: async () => troublesOf(status),
      retry: async () => {
        retried += 1;
        return { chains: 1, jobs: 2 };
      },
    },
  );
});
afterEach(() => server.stop());

const ask = async (path: string, method = "GET") => {
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`, { method });
  return { status: response.status, text: await response.text() };
};

describe("startServer", () => {
  it("default: health, metrics, the status with whole numbers as text, a retry by POST only", async () => {
    expect(await ask("/healthz")).toEqual({ status: 200, text: "alive\n" });
    expect(await ask("/metrics")).toEqual({ status: 200, text: "up 1\n" });
    expect(JSON.parse((await ask("/status")).text).chains).toEqual([{ ...chain, head: "7" }]);
    expect((await ask("/retry")).status).toBe(404);
    expect(retried).toBe(0);
    expect(JSON.parse((await ask("/retry", "POST")).text)).toEqual({ chains: 1, jobs: 2 });
    expect(retried).toBe(1);
  });

  it("behavior: ready while every chain answers and none is stopped; alive all the same", async () => {
    expect(await ask("/readyz")).toEqual({ status: 200, text: "ready\n" });
    status = { ...status, chains: [chain, { ...chain, chainId: 5, stopped: "endpoints disagree" }] };
    expect(await ask("/readyz")).toEqual({ status: 503, text: "chain 5: endpoints disagree\n" });
    status = { ...status, chains: [{ ...chain, unread: "no answer" }] };
    expect((await ask("/readyz")).text).toBe("chain 1: no answer\n");
    expect((await ask("/healthz")).status).toBe(200);
  });
});

describe("isHere", () => {
  it.each([
    ["127.0.0.1", "127.0.0.1", true],
    ["::ffff:127.0.0.1", "::ffff:127.0.0.1", true],
    ["::1", "::1", true],
    ["192.0.2.7", "192.0.2.7", true], // by the machine's own address
    ["192.0.2.8", "192.0.2.7", false],
    ["::ffff:192.0.2.8", "::ffff:192.0.2.7", false],
    [undefined, "192.0.2.7", false],
  ])("behavior: %s at %s: %s", (remoteAddress, localAddress, here) => {
    expect(isHere({ remoteAddress, localAddress })).toBe(here);
  });
});
