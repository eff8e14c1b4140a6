import { DATASTORE, EXPIRES } from "../../contracts/datastore.ts";
import { Problem } from "../../contracts/problem.ts";
import type { Cloud } from "../cloud.ts";

interface Database {
  name: string;
  type: string;
  concurrencyMode?: string;
}

/** Makes the default database in Datastore mode, if there is none, and its expiry policy. */
export async function makeDatabase({ gcloud, steamer }: Cloud): Promise<void> {
  if (steamer.stores !== "both" && steamer.store !== "datastore") return;
  const databases = await gcloud.list<Database>("firestore", "databases", "list");
  const found = databases.find(({ name }) => name.endsWith("/(default)"));
  if (found) check(found, steamer.project);
  const at = `--location=${databaseLocation(steamer.location)}`;
  if (!found) await gcloud.change("firestore", "databases", "create", at, "--type=datastore-mode");
  const fields = found ? await gcloud.list<{ name: string }>("firestore", "fields", "ttls", "list") : [];
  for (const kind of Object.values(DATASTORE)) {
    if (fields.some(({ name }) => name.endsWith(`/collectionGroups/${kind}/fields/${EXPIRES}`))) continue;
    const flags = [`--collection-group=${kind}`, "--enable-ttl", "--database=(default)", "--async"];
    await gcloud.change("firestore", "fields", "ttls", "update", EXPIRES, ...flags);
  }
}

/** Multi-regions have names of their own here. */
export const databaseLocation = (location: string) =>
  ({ us: "nam5", eu: "eur3" })[location.toLowerCase()] ?? location.toLowerCase();

function check({ type, concurrencyMode }: Database, project: string): void {
  const doing = `Checking the default database of ${project}`;
  if (type !== "DATASTORE_MODE") {
    const next =
      "use a project whose default database is in Datastore mode, or set steamer.stores to snapshot";
    throw new Problem({ doing, why: "it is in Firestore's native mode", next });
  }
  if (concurrencyMode === "OPTIMISTIC_WITH_ENTITY_GROUPS") {
    const next = "gcloud firestore databases update --database='(default)' --concurrency-mode=optimistic";
    throw new Problem({ doing, why: "its concurrency mode knows no expiry of entities", next });
  }
}
