import { defineConfig } from "vitest/config";

/** Suites of minutes: `npm run test:faults`. */
export default defineConfig({ test: { include: ["test/e2e/**/*.slow.ts"], pool: "forks", maxWorkers: 1 } });
