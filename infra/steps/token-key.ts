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
 * Makes the key that signs a shop's attribution tokens, if there is none, and lets the recommender
 * read it. Rights take some minutes to become effective, so this step comes long before the
 * recommender.
 */
export async function makeTokenKey(cloud: Cloud): Promise<void> {
  const { gcloud, steamer, deploy } = cloud;
  // Each shop's own key is derived from the secret of the recommender that serves it.
  if (deploy.servedBy) return;
  const name = tokenKeyName(steamer.shop);
  const versions = await findVersions(cloud);
  if (versions === null) {
    // In the shop's region alone: a policy that restricts places would refuse a global secret.
    const place = ["--replication-policy=user-managed", `--locations=${steamer.region}`];
    await gcloud.change("secrets", "create", name, ...place, `--labels=${LABEL},shop=${steamer.shop}`);
  }
  const secret = { group: ["secrets"], name, conditions: true };
  await bind(gcloud, secret, bindingsOf(cloud, rolesOf(cloud).tokenKey));
  if (newest(versions) > 0) return;
  const key = randomBytes(32).toString("hex");
  await gcloud.feed(key, "secrets", "versions", "add", name, "--data-file=-");
}

/**
 * The newest version as `<secret>:<number>`: all instances of a revision must have the same key.
 */
export async function newestTokenKey(cloud: Cloud): Promise<string> {
  // A dry run may find no version.
  return `${tokenKeyName(cloud.steamer.shop)}:${newest(await findVersions(cloud)) || 1}`;
}

const findVersions = ({ gcloud, steamer }: Cloud) =>
  gcloud.readJson<Version[]>("secrets", "versions", "list", tokenKeyName(steamer.shop));

const newest = (versions: Version[] | null) =>
  Math.max(
    0,
    ...(versions ?? [])
      .filter(({ state }) => state.toUpperCase() === "ENABLED")
      .map(({ name }) => Number(name.split("/").at(-1))),
  );
