import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Problem } from "../../contracts/problem.ts";
import { runJson } from "../run-json.ts";

/** `sentiment` has AFINN-165. */
const PACKAGES = ["wink-sentiment@5.0.2", "sentiment@5.0.2"];

/**
 * The scores of npm's word lists, by their names: above 0 is positive. They are installed into a
 * temporary folder.
 * @throws Problem when they cannot be had
 */
export function lexiconScores(texts: readonly string[]): Record<string, number[]> {
  const folder = mkdtempSync(join(tmpdir(), "bench-lexicons-"));
  try {
    const args = ["install", "--prefix", folder, "--no-audit", "--no-fund", ...PACKAGES];
    const { status } = spawnSync("npm", args, { stdio: ["ignore", 2, 2] });
    if (status !== 0) {
      const why = "npm could not install them; its message is above";
      throw new Problem({ doing: `Installing ${PACKAGES.join(" and ")}`, why, next: "check the network" });
    }
    const program = join(folder, "lexicons.mjs");
    copyFileSync(join(import.meta.dirname, "lexicons.mjs"), program);
    writeFileSync(join(folder, "texts.json"), JSON.stringify(texts));
    return runJson(process.execPath, [program, join(folder, "texts.json")], 1) as Record<string, number[]>;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
