import { DATASTORE, EXPIRES, LISTS } from "../../contracts/datastore.ts";
import { LISTS_DATABASE } from "../../contracts/google-names.ts";
import { Problem } from "../../contracts/problem.ts";
import type { Cloud } from "../cloud.ts";
import { hasPersonalizer } from "../serving.ts";

interface Database {
  name: string;
  type: string;
  concurrencyMode?: string;
}

const DEFAULT = "(default)";

/**
 * Makes the databases that are missing, in Datastore mode, and the expiry policies of their kinds:
 * the default one for models, and that of users' lists.
 */
export async function makeDatabases(cloud: Cloud): Promise<void> {
  const { stores, store } = cloud.steamer;
  const wanted = [
    ...(stores === "both" || store === "datastore" ? [{ name: DEFAULT, kinds: DATASTORE }] : []),
    ...(hasPersonalizer(cloud) ? [{ name: LISTS_DATABASE, kinds: LISTS }] : []),
  ];
  if (wanted.length === 0) return;
  const there = await cloud.gcloud.list<Database>("firestore", "databases", "list");
  for (const { name, kinds } of wanted) {
    const found = there.find((database) => database.name.endsWith(`/databases/${name}`));
    await makeDatabase(cloud, name, Object.values(kinds), found);
  }
}

async function makeDatabase(
  { gcloud, steamer }: Cloud,
  name: string,
  kinds: string[],
  found: Database | undefined,
): Promise<void> {
  if (found) check(found, name, steamer.project);
  const database = `--database=${name}`;
  const at = `--location=${databaseLocation(steamer.location)}`;
  if (!found) await gcloud.change("firestore", "databases", "create", database, at, "--type=datastore-mode");
  const ttls = ["firestore", "fields", "ttls"];
  const fields = found ? await gcloud.list<{ name: string }>(...ttls, "list", database) : [];
  for (const kind of kinds) {
    if (fields.some(({ name }) => name.endsWith(`/collectionGroups/${kind}/fields/${EXPIRES}`))) continue;
    const flags = [`--collection-group=${kind}`, "--enable-ttl", database, "--async"];
    await gcloud.change(...ttls, "update", EXPIRES, ...flags);
  }
}

/** Multi-regions have names of their own here. */
export const databaseLocation = (location: string) =>
  ({ us: "nam5", eu: "eur3" })[location.toLowerCase()] ?? location.toLowerCase();

function check({ type, concurrencyMode }: Database, name: string, project: string): void {
  const doing = `Checking the database ${name} of ${project}`;
  if (type !== "DATASTORE_MODE") {
    const next =
      name === DEFAULT
        ? "use a project whose default database is in Datastore mode, or set steamer.stores to snapshot"
        : "use a project without a database of that name, or set deploy.personalizer to false";
    throw new Problem({ doing, why: "it is in Firestore's native mode", next });
  }
  if (concurrencyMode === "OPTIMISTIC_WITH_ENTITY_GROUPS") {
    const next = `gcloud firestore databases update --database='${name}' --concurrency-mode=optimistic`;
    throw new Problem({ doing, why: "its concurrency mode knows no expiry of entities", next });
  }
}
