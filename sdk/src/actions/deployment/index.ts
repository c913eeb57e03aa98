export * from "./deployment.ts";
export * from "./jsonReader.ts";
export * from "./parseDeployment.ts";
