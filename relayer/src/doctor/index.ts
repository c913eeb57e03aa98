export * from "./examine.ts";
