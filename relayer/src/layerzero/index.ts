export * from "./delivery.ts";
export * from "./options.ts";
export * from "./route.ts";
