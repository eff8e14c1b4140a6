import { cloudFeed, type CloudFeed } from "../../contracts/catalogue.ts";
import { listed } from "../../contracts/column-names.ts";
import type { TableShape } from "../../contracts/event-table.ts";
import { lackOfColumns } from "../../contracts/feed-names.ts";
import { Problem } from "../../contracts/problem.ts";
import type { Cloud } from "../cloud.ts";
import { rolesOf } from "../roles.ts";
import { bindingsOf, holds } from "./bindings.ts";

type Table = Extract<CloudFeed, { kind: "table" }>;

/**
 * Looks whether the shop's catalogue is there, so that no night finds out at its end. The buckets
 * are there by then: it may lie in one of them.
 * @throws Problem when it is not, when BigQuery could not read it together with the events, or for
 * a table without the columns that are needed.
 */
export async function checkCatalogue(cloud: Cloud): Promise<void> {
  const { gcloud, steamer, journal } = cloud;
  const { catalogue } = steamer;
  if (catalogue === undefined) return;
  const feed = cloudFeed(catalogue);
  if (!feed) {
    const next = "set steamer.catalogue to gs://<bucket>/<path>, or to <project>.<dataset>.<table>";
    throw refuse(catalogue, "it is neither an object nor a table", next);
  }
  const text =
    feed.kind === "table"
      ? await cloud.bq.read("show", nameOf(feed))
      : await gcloud.read("storage", "objects", "describe", catalogue);
  // A dry run makes no bucket that it could lie in.
  if (text === null && journal.dryRun) return;
  if (text === null) throw refuse(catalogue, "it is not there", "put it there, or correct steamer.catalogue");
  if (feed.kind === "table") checkTable(catalogue, JSON.parse(text) as ShownTable, steamer);
}

type ShownTable = TableShape & { location?: string };

function checkTable(
  catalogue: string,
  { location: actual, schema }: ShownTable,
  { location, catalogueMap }: Cloud["steamer"],
): void {
  if (actual !== undefined && actual.toLowerCase() !== location.toLowerCase()) {
    const next = `copy it to a dataset in ${location}`;
    throw refuse(catalogue, `it lies in ${actual}, and the events in ${location}`, next);
  }
  const names = (schema?.fields ?? []).flatMap(({ name }) => name ?? []);
  const why = lackOfColumns(names, catalogueMap);
  if (why === undefined) return;
  throw refuse(catalogue, why, `name one of its columns in steamer.catalogueMap: ${listed(names)}`);
}

/** Lets the load function read the table, and no other. */
export async function letReadCatalogue(cloud: Cloud): Promise<void> {
  const { bq, steamer } = cloud;
  const feed = cloudFeed(steamer.catalogue ?? "");
  if (feed?.kind !== "table") return;
  const text = await bq.read("get-iam-policy", "--table", nameOf(feed));
  const policy = JSON.parse(text ?? "{}") as Parameters<typeof holds>[0];
  for (const binding of bindingsOf(cloud, rolesOf(cloud).catalogueTable)) {
    if (holds(policy, binding)) continue;
    const words = [`--member=${binding.member}`, `--role=${binding.role}`];
    await bq.change("add-iam-policy-binding", "--table", ...words, nameOf(feed));
  }
}

/** As bq writes it. */
const nameOf = ({ project, dataset, table }: Table) => `${project}:${dataset}.${table}`;

const refuse = (catalogue: string, why: string, next: string) =>
  new Problem({ doing: `Checking the catalogue ${catalogue}`, why, next });
