import { join } from "node:path";
import { defineConfig } from "vitest/config";
import LongFirst from "./test/sequencer.ts";

// Tests start hundreds of processes: what Node has compiled for one is ready for the next.
process.env["NODE_COMPILE_CACHE"] ??= join(import.meta.dirname, ".cache/node");
// And Python may keep what it has compiled.
delete process.env["PYTHONDONTWRITEBYTECODE"];

/**
 * `fast` is what a change is tested with every minute; `whole` runs nights in processes of their
 * own, and real data.
 */
const WHOLE = "test/**/*.whole.test.ts";

export default defineConfig({
  test: {
    // Most of a whole night is spent in other processes, one after the other.
    maxWorkers: "100%",
    sequence: { sequencer: LongFirst },
    coverage: {
      provider: "v8",
      include: [
        "contracts/**/*.{ts,js}",
        "core/**/*.{ts,js}",
        "night/**/*.{ts,js}",
        "day/**/*.{ts,js}",
        "adapters/**/*.{ts,js}",
        "functions/**/*.{ts,js}",
        "serving/**/*.{ts,js}",
        "recommender/**/*.{ts,js}",
        "personalizer/**/*.{ts,js}",
        "inference/**/*.{ts,js}",
        "cli/**/*.{ts,js}",
      ],
      reporter: ["text"],
    },
    projects: [
      {
        test: {
          name: "fast",
          include: ["test/**/*.test.ts"],
          exclude: [WHOLE],
          globalSetup: "test/global-setup.ts",
          testTimeout: 20_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "whole",
          include: [WHOLE],
          globalSetup: "test/global-setup.ts",
          testTimeout: 300_000,
          hookTimeout: 900_000,
        },
      },
    ],
  },
});
