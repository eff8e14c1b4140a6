import { fillsDatastore } from "../../contracts/settings/cloud.ts";
import { DATASTORE, EXPIRES, LISTS } from "../../contracts/datastore.ts";
import { LISTS_DATABASE, REVIEWS_DATABASE } from "../../contracts/google-names.ts";
import { Problem } from "../../contracts/problem.ts";
import type { Cloud } from "../cloud.ts";
import { hasPersonalizer, hasReviews } from "../serving.ts";

interface Database {
  name: string;
  type: string;
  concurrencyMode?: string;
  deleteProtectionState?: string;
}

interface Wanted {
  name: string;
  /** Kinds whose entities expire. */
  expiring: readonly string[];
  /** It cannot be made again: whoever deletes it must first take its protection off. */
  isProtected?: boolean;
  /** What to do where the project has a native one of that name. */
  instead: string;
}

const MODELS: Wanted = {
  name: "(default)",
  expiring: Object.values(DATASTORE),
  instead: "use a project whose default database is in Datastore mode, or set steamer.stores to snapshot",
};
const OTHER_NAME = "use a project without a database of that name";
const USERS_LISTS: Wanted = {
  name: LISTS_DATABASE,
  expiring: Object.values(LISTS),
  instead: `${OTHER_NAME}, or set deploy.personalizer to false`,
};
/** Nothing in it expires. */
const REVIEWS: Wanted = {
  name: REVIEWS_DATABASE,
  expiring: [],
  isProtected: true,
  instead: `${OTHER_NAME}, or set steamer.reviews.on to false`,
};

/**
 * Makes the databases that are missing, in Datastore mode, and the expiry policies of their kinds:
 * the default one for models, that of users' lists, and that of reviews.
 */
export async function makeDatabases(cloud: Cloud): Promise<void> {
  const { steamer } = cloud;
  const wanted = [
    ...(fillsDatastore(steamer) || steamer.store === "datastore" ? [MODELS] : []),
    ...(hasPersonalizer(cloud) ? [USERS_LISTS] : []),
    ...(hasReviews(cloud) ? [REVIEWS] : []),
  ];
  if (wanted.length === 0) return;
  const there = await cloud.gcloud.list<Database>("firestore", "databases", "list");
  for (const each of wanted) {
    const found = there.find((database) => database.name.endsWith(`/databases/${each.name}`));
    if (!found) await makeDatabase(cloud, each);
    else {
      check(found, each, cloud.steamer.project);
      await protect(cloud, found, each);
    }
    await makeExpiry(cloud, each, found !== undefined);
  }
}

async function makeDatabase({ gcloud, steamer }: Cloud, { name, isProtected }: Wanted): Promise<void> {
  const at = `--location=${databaseLocation(steamer.location)}`;
  const flags = [at, "--type=datastore-mode", ...(isProtected ? ["--delete-protection"] : [])];
  await gcloud.change("firestore", "databases", "create", `--database=${name}`, ...flags);
}

/** Also what an older release has made, or somebody has unprotected. */
async function protect(
  { gcloud }: Cloud,
  { deleteProtectionState }: Database,
  { name, isProtected }: Wanted,
): Promise<void> {
  if (!isProtected || deleteProtectionState === "DELETE_PROTECTION_ENABLED") return;
  await gcloud.change("firestore", "databases", "update", `--database=${name}`, "--delete-protection");
}

async function makeExpiry({ gcloud }: Cloud, { name, expiring }: Wanted, isOld: boolean): Promise<void> {
  if (expiring.length === 0) return;
  const database = `--database=${name}`;
  const ttls = ["firestore", "fields", "ttls"];
  const fields = isOld ? await gcloud.list<{ name: string }>(...ttls, "list", database) : [];
  for (const kind of expiring) {
    if (fields.some((field) => field.name.endsWith(`/collectionGroups/${kind}/fields/${EXPIRES}`))) continue;
    const flags = [`--collection-group=${kind}`, "--enable-ttl", database, "--async"];
    await gcloud.change(...ttls, "update", EXPIRES, ...flags);
  }
}

/** Multi-regions have names of their own here. */
export const databaseLocation = (location: string) =>
  ({ us: "nam5", eu: "eur3" })[location.toLowerCase()] ?? location.toLowerCase();

function check({ type, concurrencyMode }: Database, { name, expiring, instead }: Wanted, project: string) {
  const doing = `Checking the database ${name} of ${project}`;
  if (type !== "DATASTORE_MODE")
    throw new Problem({ doing, why: "it is in Firestore's native mode", next: instead });
  if (concurrencyMode === "OPTIMISTIC_WITH_ENTITY_GROUPS" && expiring.length > 0) {
    const next = `gcloud firestore databases update --database='${name}' --concurrency-mode=optimistic`;
    throw new Problem({ doing, why: "its concurrency mode knows no expiry of entities", next });
  }
}
