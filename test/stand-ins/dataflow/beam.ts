import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Finished } from "../platform/child.ts";
import { pythonOf } from "../install.ts";
import type { World } from "../platform/world.ts";

const TEMPLATES = join(import.meta.dirname, "../../../templates");

/** Without these, Beam's client for buckets spends half a minute looking for an account. */
const NOBODY = {
  type: "authorized_user",
  client_id: "x",
  client_secret: "x",
  refresh_token: "x",
  token: "fake",
  expiry: "2099-01-01T00:00:00.000000Z",
};

/**
 * Runs the load template's pipeline with Beam's own local runner, against the fake bucket and the
 * Datastore emulator. That bucket takes no writes from Beam: dead letters go to a folder, and from
 * there into the bucket.
 */
export async function runBeam(
  world: World & { datastore: string | undefined },
  parameters: Record<string, string>,
  signal: AbortSignal,
): Promise<Finished> {
  if (!world.datastore)
    throw new Error("The pipeline needs the service datastore: not asked for, or not installed");
  const python = await pythonOf(world.children, "beam", join(TEMPLATES, "requirements-test.txt"));
  const folder = mkdtempSync(join(tmpdir(), "steamer-beam-"));
  try {
    const { deadLetters } = parameters;
    const letters = join(folder, "dead-letters");
    mkdirSync(letters);
    const here = {
      ...parameters,
      ...(deadLetters && { deadLetters: `${letters}/${deadLetters.replace(/^.*\//, "")}` }),
    };
    // Dataflow's launcher sets the project; the template's parameters do not.
    const given = { ...here, project: world.project };
    const args = [
      join(TEMPLATES, "run_local.py"),
      ...Object.entries(given).map(([name, value]) => `--${name}=${value}`),
    ];
    const account = join(folder, "nobody.json");
    writeFileSync(account, JSON.stringify(NOBODY));
    const env = {
      STORAGE_EMULATOR_HOST: world.storageUrl,
      DATASTORE_EMULATOR_HOST: world.datastore,
      GOOGLE_APPLICATION_CREDENTIALS: account,
      GOOGLE_CLOUD_PROJECT: world.project,
    };
    const finished = await world.children.run({ command: python, args, env, cwd: folder }, signal);
    if (deadLetters && finished.code === 0)
      await world.files.uploadFolder(letters, deadLetters.replace(/[^/]*$/, ""));
    return finished;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
