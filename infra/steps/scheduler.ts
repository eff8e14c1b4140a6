import { functionsUrl } from "../../contracts/google-names.ts";
import type { Cloud } from "../cloud.ts";
import { jobName, stamp } from "../names.ts";

interface Job {
  name: string;
  description?: string;
}

/**
 * Calls start-run for a shop, hourly in the night. A call changes nothing once the night is done.
 */
export async function schedule({ gcloud, steamer, deploy, email }: Cloud): Promise<void> {
  const { shop, region, project, timeZone } = steamer;
  const name = jobName(shop);
  const at = `--location=${region}`;
  const url = `${steamer.functionsUrl ?? functionsUrl(region, project)}/start-run`;
  const flags = [
    `--schedule=${deploy.schedule}`,
    `--time-zone=${timeZone}`,
    `--uri=${url}`,
    "--http-method=post",
    `--message-body=${JSON.stringify({ shop })}`,
    "--attempt-deadline=300s",
    `--oidc-service-account-email=${email("scheduler")}`,
    `--oidc-token-audience=${url}`,
    "--max-retry-attempts=3",
    "--min-backoff=30s",
    "--max-backoff=600s",
    "--max-doublings=3",
  ];
  const description = `Steamer: starts the night of ${shop} (${stamp(flags)})`;
  const there = await gcloud.list<Job>("scheduler", "jobs", "list", at);
  const found = there.find((job) => job.name.endsWith(`/${name}`));
  if (found?.description === description) return;
  // Only this flag has another name for an existing job.
  const headers = `--${found ? "update-headers" : "headers"}=Content-Type=application/json`;
  const verb = found ? "update" : "create";
  await gcloud.change(
    "scheduler",
    "jobs",
    verb,
    "http",
    name,
    at,
    ...flags,
    headers,
    `--description=${description}`,
  );
}
