export * from "./network.ts";
export * from "./parseNetworks.ts";
export * from "./testnets.ts";
