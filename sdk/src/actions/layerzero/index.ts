export * from "./errors.ts";
export * from "./packet.ts";
export * from "./path.ts";
export * from "./sentPacket.ts";
export * from "./stage.ts";
export * from "./trackMessage.ts";
