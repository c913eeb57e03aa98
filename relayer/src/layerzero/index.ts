export * from "./delivery.ts";
export * from "./options.ts";
export * from "./packet.ts";
export * from "./route.ts";
export * from "./sentPacket.ts";
export * from "./stage.ts";
