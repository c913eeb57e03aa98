import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{sdk,circuits,relayer,tools}/**/*.test.ts", "test/{circuits,e2e,vectors}/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 300_000,
    // two cores: one file proves while another waits for a chain
    maxWorkers: 2,
    pool: "forks",
  },
});
