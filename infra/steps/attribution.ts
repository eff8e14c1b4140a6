import { ATTRIBUTION_DAYS } from "../../contracts/http/attribution.ts";
import type { Cloud } from "../cloud.ts";
import { attributionDataset, recommenderName, sinkName } from "../names.ts";
import { rolesOf } from "../roles.ts";
import { bindingsOf } from "./bindings.ts";
import { grantOnDataset, makeDataset } from "./datasets.ts";

interface Sink {
  name: string;
  destination: string;
  filter?: string;
  writerIdentity?: string;
}

const KEPT_SECONDS = ATTRIBUTION_DAYS * 24 * 3600;

/** Routes attributed events from the recommender's log to a dataset of the shop's own. */
export async function routeAttribution(cloud: Cloud): Promise<void> {
  const { steamer, deploy } = cloud;
  const dataset = attributionDataset(steamer.shop);
  const flags = [`--default_partition_expiration=${KEPT_SECONDS}`, `--label=shop:${steamer.shop}`];
  await makeDataset(cloud, dataset, flags);
  const writer = await makeSink(cloud, dataset);
  await grantOnDataset(cloud, dataset, [
    ...bindingsOf(cloud, rolesOf(cloud).attributionDataset),
    ...deploy.operators.map((member) => ({ member, role: "roles/bigquery.dataViewer" })),
    // A dry run does not know the sink's account.
    ...(writer ? [{ member: writer, role: "roles/bigquery.dataEditor" }] : []),
  ]);
}

/** Makes or mends the sink; returns its service account. */
async function makeSink({ gcloud, steamer }: Cloud, dataset: string): Promise<string | undefined> {
  const { shop, project } = steamer;
  const name = sinkName(shop);
  const destination = `bigquery.googleapis.com/projects/${project}/datasets/${dataset}`;
  const filter = [
    'resource.type="cloud_run_revision"',
    // Also a recommender that serves several shops names each in its lines.
    `resource.labels.service_name:"${recommenderName("")}"`,
    `jsonPayload.shop="${shop}"`,
    'log_id("run.googleapis.com/stdout")',
    "jsonPayload.attribution.id:*",
  ].join(" AND ");
  const find = async () => {
    const sinks = await gcloud.list<Sink>("logging", "sinks", "list");
    return sinks.find((sink) => sink.name === name);
  };
  const found = await find();
  if (found?.destination === destination && found.filter === filter) return found.writerIdentity;
  const flags = [`--log-filter=${filter}`, "--use-partitioned-tables"];
  await gcloud.change("logging", "sinks", found ? "update" : "create", name, destination, ...flags);
  return (found ?? (await find()))?.writerIdentity;
}
