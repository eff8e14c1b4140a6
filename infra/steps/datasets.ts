import type { Cloud } from "../cloud.ts";
import { SCRATCH_DATASET } from "../../contracts/google-names.ts";
import { rolesOf, type Grant } from "../roles.ts";
import { bigQueryName } from "./preflight.ts";

interface Dataset {
  access?: { role?: string; userByEmail?: string }[];
}

/** BigQuery's own names of the roles that it had before there were roles. */
const BASIC_ROLES: Record<string, string> = {
  "roles/bigquery.dataViewer": "READER",
  "roles/bigquery.dataEditor": "WRITER",
};

/** Engine bigquery: a dataset whose tables go by themselves, a day after the run that made them. */
export async function makeScratchDataset(cloud: Cloud): Promise<void> {
  const { bq, steamer } = cloud;
  const { scratchDataset } = rolesOf(cloud);
  if (scratchDataset.length === 0) return;
  const name = `${steamer.project}:${SCRATCH_DATASET}`;
  if ((await bq.read("show", "--dataset", name)) === null) {
    const flags = [
      `--data_location=${steamer.location}`,
      "--default_table_expiration=86400",
      "--label=app:steamer",
    ];
    await bq.change("mk", "--dataset", ...flags, name);
  }
  await grantOnDataset(cloud, SCRATCH_DATASET, scratchDataset);
}

/** Datasets have no policy command that is documented: GRANT is. */
export async function grantOnDataset({ bq, email }: Cloud, dataset: string, grants: Grant[]): Promise<void> {
  const text = await bq.read("show", "--dataset", bigQueryName(dataset));
  const { access = [] } = JSON.parse(text ?? "{}") as Dataset;
  for (const role of new Set(grants.map((grant) => grant.role))) {
    const names = [role, BASIC_ROLES[role]];
    const has = (user: string) =>
      access.some((entry) => names.includes(entry.role ?? "") && entry.userByEmail === user);
    const missing = grants.filter((grant) => grant.role === role && !has(email(grant.to)));
    if (missing.length === 0) continue;
    const users = missing.map(({ to }) => `"serviceAccount:${email(to)}"`).join(", ");
    const schema = dataset
      .split(".")
      .map((part) => `\`${part}\``)
      .join(".");
    await bq.change("query", "--use_legacy_sql=false", `GRANT \`${role}\` ON SCHEMA ${schema} TO ${users}`);
  }
}
