import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { venv } from "../venv.ts";

const SOURCES = "spark-jobs";
const SCHEMA = "contracts/schemas/similarity-request.json";

/**
 * The Spark job as a deployment packs it: name and bytes of each file. It is packed again when its
 * sources change.
 */
export async function packedSparkJob(): Promise<[string, Uint8Array][]> {
  const folder = `.cache/spark-job-${fingerprint()}`;
  if (!existsSync(folder)) {
    const python = venv("spark", `${SOURCES}/requirements-test.txt`);
    const attempt = `${folder}.${process.pid}`;
    rmSync(attempt, { recursive: true, force: true });
    execFileSync(python, [`${SOURCES}/package.py`, attempt], { stdio: ["ignore", 2, 2] });
    if (!existsSync(folder)) renameSync(attempt, folder);
  }
  return readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]);
}

function fingerprint(): string {
  const files = readdirSync(SOURCES, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(py|txt)$/.test(name) && !name.startsWith("tests"))
    .sort()
    .map((name) => join(SOURCES, name));
  const hash = createHash("sha256");
  for (const file of [...files, SCHEMA]) hash.update(readFileSync(file));
  return hash.digest("hex").slice(0, 12);
}
