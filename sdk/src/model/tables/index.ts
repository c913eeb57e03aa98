export * from "./polynomials.ts";
export * from "./shapes.ts";
