import type { Cloud } from "../cloud.ts";
import { SCRATCH_DATASET } from "../../contracts/google-names.ts";
import { rolesOf } from "../roles.ts";
import { bindingsOf, type Binding } from "./bindings.ts";
import { bigQueryName } from "./preflight.ts";

interface Dataset {
  access?: Record<string, string>[];
}

/** BigQuery's own names for roles from before IAM. */
const BASIC_ROLES: Record<string, string> = {
  "roles/bigquery.dataViewer": "READER",
  "roles/bigquery.dataEditor": "WRITER",
};

/**
 * Engine bigquery: a dataset whose tables expire by themselves, a day after their run made them.
 */
export async function makeScratchDataset(cloud: Cloud): Promise<void> {
  const { scratchDataset } = rolesOf(cloud);
  if (scratchDataset.length === 0) return;
  await makeDataset(cloud, SCRATCH_DATASET, ["--default_table_expiration=86400"]);
  await grantOnDataset(cloud, SCRATCH_DATASET, bindingsOf(cloud, scratchDataset));
}

/** Makes a dataset in the location of the GA4 export, if it does not exist. */
export async function makeDataset({ bq, steamer }: Cloud, name: string, flags: string[]): Promise<void> {
  const full = `${steamer.project}:${name}`;
  if ((await bq.read("show", "--dataset", full)) !== null) return;
  const place = `--data_location=${steamer.location}`;
  await bq.change("mk", "--dataset", place, ...flags, "--label=app:steamer", full);
}

/** No policy command for datasets is documented, but GRANT is. */
export async function grantOnDataset({ bq }: Cloud, dataset: string, wanted: Binding[]): Promise<void> {
  const text = await bq.read("show", "--dataset", bigQueryName(dataset));
  const { access = [] } = JSON.parse(text ?? "{}") as Dataset;
  const missing = wanted.filter((binding) => !access.some((entry) => isEntryOf(entry, binding)));
  const schema = dataset
    .split(".")
    .map((part) => `\`${part}\``)
    .join(".");
  for (const role of new Set(missing.map((binding) => binding.role))) {
    const members = missing.filter((binding) => binding.role === role).map(({ member }) => `"${member}"`);
    const grant = `GRANT \`${role}\` ON SCHEMA ${schema} TO ${members.join(", ")}`;
    await bq.change("query", "--use_legacy_sql=false", grant);
  }
}

/** The entry `userByEmail: a@b` stands for the member `user:a@b`. */
function isEntryOf(entry: Record<string, string>, { role, member }: Binding): boolean {
  const [kind, who] = member.split(":");
  const key = { group: "groupByEmail", domain: "domain" }[kind] ?? "userByEmail";
  return entry[key] === who && [role, BASIC_ROLES[role]].includes(entry["role"]);
}
