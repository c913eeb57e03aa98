/**
 * @equipoise/sdk/testing: what tests of an integration need and cannot invent: a made-up market that is the same everywhere,
 * windows of it, statements that the circuits accept, and an address book. No chain and no key is in here.
 */
export * from "./simulatedDeployment.ts";
export * from "./simulatedMarket.ts";
export * from "./simulatedRevert.ts";
export * from "./simulatedStatements.ts";
