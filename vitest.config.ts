import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const quick = process.env["SLUICE_TEST_QUICK"] === "1";

export default defineConfig({
  resolve: {
    alias: {
      "sluice/testing": fileURLToPath(new URL("src/testing/index.ts", import.meta.url)),
      sluice: fileURLToPath(new URL("src/index.ts", import.meta.url)),
    },
  },
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts", "examples/**/*.test.ts", "console/**/*.test.ts"],
    // `npm test -- --quick` leaves out what kills processes over and over.
    exclude: ["**/node_modules/**", "**/dist/**", ...(quick ? ["test/crash/**"] : [])],
    // Processes, not threads: tests start store threads of their own, send signals and change the environment.
    pool: "forks",
    // Most of the time they wait for a disk or a process; three at once keep two cores busy.
    maxWorkers: 3,
    testTimeout: 20_000,
    hookTimeout: 20_000,
    teardownTimeout: 5_000,
    restoreMocks: true,
    unstubEnvs: true,
  },
});
