import { randomBytes } from "node:crypto";
import type { Cloud } from "../cloud.ts";
import { LABEL, tokenKeyName } from "../names.ts";
import { rolesOf } from "../roles.ts";
import { bind, bindingsOf } from "./bindings.ts";

interface Version {
  name: string;
  state: string;
}

/**
 * Makes the key that signs a shop's attribution tokens, if there is none, and lets the recommender read it. Returns its
 * newest version as `<secret>:<number>`: all instances of a revision must have the same key.
 */
export async function makeTokenKey(cloud: Cloud): Promise<string> {
  const { gcloud, steamer, journal } = cloud;
  const name = tokenKeyName(steamer.shop);
  const find = () => gcloud.readJson<Version[]>("secrets", "versions", "list", name);
  let versions = await find();
  if (versions === null) {
    // In the shop's region alone: where places are restricted, a secret must not lie everywhere.
    const place = ["--replication-policy=user-managed", `--locations=${steamer.region}`];
    await gcloud.change("secrets", "create", name, ...place, `--labels=${LABEL},shop=${steamer.shop}`);
  }
  if (newest(versions) === 0) {
    const key = randomBytes(32).toString("hex");
    await gcloud.feed(key, "secrets", "versions", "add", name, "--data-file=-");
    if (!journal.dryRun) versions = await find();
  }
  await bind(
    gcloud,
    { group: ["secrets"], name, conditions: true },
    bindingsOf(cloud, rolesOf(cloud).tokenKey),
  );
  return `${name}:${newest(versions) || 1}`;
}

const newest = (versions: Version[] | null) =>
  Math.max(
    0,
    ...(versions ?? [])
      .filter(({ state }) => state.toUpperCase() === "ENABLED")
      .map(({ name }) => Number(name.split("/").at(-1))),
  );
