import { functionAddress, PUSH_CATALOGUE, SCORE_REVIEW, type Account } from "../../contracts/google-names.ts";
import { paths } from "../../contracts/layout.ts";
import type { Cloud } from "../cloud.ts";
import { catalogueJobName, jobName, reviewsJobName, stamp } from "../names.ts";
import { servedShops, settingOfRecommender } from "../served-shops.ts";
import { hasReviews } from "../serving.ts";

interface Job {
  name: string;
  description?: string;
}

/** A call of a function for a shop, again and again. */
interface Wanted {
  name: string;
  shop: string;
  /** What the call does. */
  does: string;
  when: string;
  timeZone: string;
  function: string;
  /** Whose token it brings. */
  account: Account;
  retries: string[];
}

const EVERY_MINUTE = "* * * * *";

/**
 * Calls start-run for a shop, hourly in the night: a call changes nothing once the night is done.
 * And calls score-review every minute, for the reviews that were left behind, and push-catalogue
 * where the settings say when.
 */
export async function schedule(cloud: Cloud): Promise<void> {
  const { gcloud, steamer, deploy } = cloud;
  const { shop, region, timeZone } = steamer;
  const jobs = await gcloud.list<Job>("scheduler", "jobs", "list", `--location=${region}`);
  await makeJob(cloud, jobs, {
    name: jobName(shop),
    shop,
    does: "starts the night",
    when: deploy.schedule,
    timeZone,
    function: "start-run",
    account: "scheduler",
    retries: ["--max-retry-attempts=3", "--min-backoff=30s", "--max-backoff=600s", "--max-doublings=3"],
  });
  if (deploy.catalogueSchedule === undefined) await removeJob(cloud, jobs, catalogueJobName(shop));
  else await makeJob(cloud, jobs, catalogueJob(cloud, deploy.catalogueSchedule));
  const reviewed = await reviewedShops(cloud);
  for (const each of reviewed) await makeJob(cloud, jobs, reviewsJob(each));
  const others = new Set([shop, ...servedShops(steamer)].filter((each) => !reviewed.includes(each)));
  // Nobody looks for their reviews any more.
  for (const each of others) await removeJob(cloud, jobs, reviewsJobName(each));
}

const catalogueJob = ({ steamer }: Cloud, when: string): Wanted => ({
  name: catalogueJobName(steamer.shop),
  shop: steamer.shop,
  does: "pushes the catalogue",
  when,
  timeZone: steamer.timeZone,
  function: PUSH_CATALOGUE,
  account: "scheduler",
  // The next push says more.
  retries: ["--max-retry-attempts=0"],
});

const reviewsJob = (shop: string): Wanted => ({
  name: reviewsJobName(shop),
  shop,
  does: "scores the reviews that were left behind",
  when: EVERY_MINUTE,
  timeZone: "Etc/UTC",
  function: SCORE_REVIEW,
  account: "review-tasks",
  // The next call is a better one.
  retries: ["--max-retry-attempts=0"],
});

/**
 * The shops whose reviews this deployment has looked for: those that its recommender serves, as far
 * as they are deployed, since the function knows no others yet. A shop that another one's
 * recommender serves looks whether that one takes reviews.
 */
async function reviewedShops(cloud: Cloud): Promise<string[]> {
  const { gcloud, steamer, deploy, pointerBucket } = cloud;
  const { shop } = steamer;
  if (deploy.servedBy !== undefined) {
    const takesReviews = await settingOfRecommender(cloud, deploy.servedBy, "reviews.on");
    return takesReviews === "true" ? [shop] : [];
  }
  if (!hasReviews(cloud)) return [];
  const deployed = [shop];
  for (const other of servedShops(steamer).filter((each) => each !== shop)) {
    const settings = `gs://${pointerBucket}/${paths.settings(other)}`;
    if ((await gcloud.read("storage", "cat", settings)) !== null) deployed.push(other);
  }
  return deployed;
}

async function makeJob({ gcloud, steamer, email }: Cloud, jobs: Job[], wanted: Wanted): Promise<void> {
  const { name, shop, does, when, timeZone, account, retries } = wanted;
  const { region } = steamer;
  const url = functionAddress(steamer, wanted.function);
  const flags = [
    `--schedule=${when}`,
    `--time-zone=${timeZone}`,
    `--uri=${url}`,
    "--http-method=post",
    `--message-body=${JSON.stringify({ shop })}`,
    "--attempt-deadline=300s",
    `--oidc-service-account-email=${email(account)}`,
    `--oidc-token-audience=${url}`,
    ...retries,
  ];
  const description = `Steamer: ${does} of ${shop} (${stamp(flags)})`;
  const found = jobs.find((job) => isNamed(job, name));
  if (found?.description === description) return;
  // Only this flag has another name for an existing job.
  const headers = `--${found ? "update-headers" : "headers"}=Content-Type=application/json`;
  const about = [`--location=${region}`, ...flags, headers, `--description=${description}`];
  await gcloud.change("scheduler", "jobs", found ? "update" : "create", "http", name, ...about);
}

const isNamed = (job: Job, name: string) => job.name.endsWith(`/${name}`);

async function removeJob({ gcloud, steamer }: Cloud, jobs: Job[], name: string): Promise<void> {
  if (!jobs.some((job) => isNamed(job, name))) return;
  await gcloud.change("scheduler", "jobs", "delete", name, `--location=${steamer.region}`);
}
