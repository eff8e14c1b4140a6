import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import type { Children } from "../stand-ins/platform/child.ts";

/**
 * Loads the modules of the installed gcloud and bq once, for every command that runs with the
 * returned environment. A hundred commands then take a tenth of their time.
 */
export async function startWarmGcloud(children: Children, folder: string): Promise<Record<string, string>> {
  const place = mkdtempSync(join(folder, "python-"));
  const args = `-S ${join(import.meta.dirname, "warm-python.py")} ${place}`;
  await children.serve({ command: "gcloud", args: [], env: { CLOUDSDK_PYTHON_ARGS: args } }, /^ready$/m);
  return { CLOUDSDK_PYTHON: join(place, "python") };
}
