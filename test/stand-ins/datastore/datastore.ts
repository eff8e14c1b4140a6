import { spawnSync } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { delimiter, join } from "node:path";
import { freePort, type Children } from "../platform/child.ts";
import type { Faults } from "../platform/faults.ts";
import { startDatastoreProxy } from "./proxy.ts";

/**
 * The emulator's archive in the installed Google Cloud CLI; undefined without it, or without Java.
 */
export function datastoreEmulator(): string | undefined {
  const gcloud = (process.env["PATH"] ?? "")
    .split(delimiter)
    .map((folder) => join(folder, "gcloud"))
    .find(existsSync);
  if (!gcloud || spawnSync("java", ["-version"]).status !== 0) return undefined;
  const archive = "../../platform/cloud-firestore-emulator/cloud-firestore-emulator.jar";
  const path = join(realpathSync(gcloud), archive);
  return existsSync(path) ? path : undefined;
}

/**
 * Datastore: the official Firestore emulator in Datastore mode, behind a proxy. The proxy lets
 * tests break calls, and enforces production's limit of keys. Undefined where it is not installed.
 */
export async function startDatastore(children: Children, faults: Faults) {
  const archive = datastoreEmulator();
  if (!archive) return undefined;
  const port = await freePort();
  const main = "com.google.cloud.datastore.emulator.firestore.CloudFirestore";
  const options = ["--host=127.0.0.1", `--port=${port}`, "--database-mode=datastore-mode"];
  const quick = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"];
  const args = [...quick, "-Duser.language=en", "-cp", archive, main, "start", ...options];
  await children.serve({ command: "java", args }, /Dev App Server is now running/);
  const proxy = await startDatastoreProxy(`127.0.0.1:${port}`, faults);
  const reset = async () => void (await fetch(`http://127.0.0.1:${port}/reset`, { method: "POST" }));
  return { ...proxy, reset };
}
