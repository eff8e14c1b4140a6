import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Cloud } from "../cloud.ts";
import { jobFiles, SHORT_LIVED } from "../../contracts/layout.ts";
import { LABEL, REPOSITORY, stamp } from "../names.ts";
import { bucket } from "./accounts.ts";
import { unbind } from "./bindings.ts";
import { checkBucketLocation } from "./preflight.ts";

interface Bucket {
  name: string;
  location: string;
  labels?: Record<string, string>;
}

const WEEK = 7;
const LIFECYCLE = {
  rule: [
    {
      action: { type: "Delete" },
      condition: { age: WEEK, matchesPrefix: SHORT_LIVED },
    },
  ],
};

/** The bucket of data, and the small one of pointers, which keeps old versions. */
export async function makeBuckets(cloud: Cloud): Promise<void> {
  const { gcloud, steamer, dataBucket, pointerBucket } = cloud;
  await withFile(LIFECYCLE, async (lifecycle) => {
    await makeBucket(cloud, dataBucket, [`--lifecycle-file=${lifecycle}`], LIFECYCLE);
    await makeBucket(cloud, pointerBucket, ["--versioning"], "versioning");
  });
  // By default every editor of the project may write a new bucket. This one is closed to them.
  const editors = `projectEditor:${steamer.project}`;
  const roles = ["roles/storage.legacyBucketOwner", "roles/storage.legacyObjectOwner"];
  const isEditor = (member: string, role: string) => member === editors && roles.includes(role);
  await unbind(gcloud, bucket(pointerBucket), isEditor);
}

/** A bucket that nobody can open to the public. `made` tells apart what the flags make of it. */
export async function makeBucket(
  { gcloud, steamer }: Cloud,
  name: string,
  flags: string[] = [],
  made: unknown = null,
): Promise<void> {
  const there = await gcloud.list<Bucket>("storage", "buckets", "list");
  const found = there.find((each) => each.name === name);
  if (found) checkBucketLocation(name, found.location, steamer.location);
  const guards = ["--uniform-bucket-level-access", "--public-access-prevention"];
  if (!found) {
    await gcloud.change(
      "storage",
      "buckets",
      "create",
      `gs://${name}`,
      `--location=${steamer.location}`,
      ...guards,
    );
  }
  const wanted = stamp(guards, made);
  if (found?.labels?.["stamp"] === wanted) return;
  const labels = `--update-labels=${LABEL},stamp=${wanted}`;
  await gcloud.change("storage", "buckets", "update", `gs://${name}`, ...guards, ...flags, labels);
}

/** The repository for the images of recommender, functions and load job. */
export async function makeRepository({ gcloud, steamer }: Cloud): Promise<void> {
  const at = `--location=${steamer.region}`;
  const there = await gcloud.list<{ name: string }>("artifacts", "repositories", "list", at);
  if (there.some(({ name }) => name.endsWith(`/${REPOSITORY}`))) return;
  const flags = [at, "--repository-format=docker", "--description=Steamer: images", `--labels=${LABEL}`];
  await gcloud.change("artifacts", "repositories", "create", REPOSITORY, ...flags);
}

/**
 * Makes something of several parts, unless the same inputs have made it already. The record of the
 * inputs is written last, to the bucket: interrupted work, or a lost part, is made again.
 */
export async function unlessMade(
  { gcloud, dataBucket }: Cloud,
  name: string,
  from: string,
  make: () => Promise<void>,
  isWhole = true,
): Promise<void> {
  const record = `gs://${dataBucket}/${jobFiles.record(name)}`;
  const made = await gcloud.read("storage", "cat", record);
  if (isWhole && made !== null && (JSON.parse(made) as { stamp?: string }).stamp === from) return;
  await make();
  await withFile({ stamp: from }, (file) => gcloud.change("storage", "cp", file, record));
}

/** A JSON file for a flag that takes one. */
export async function withFile<T>(content: unknown, use: (path: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "steamer-deploy-"));
  try {
    const path = join(folder, "content.json");
    writeFileSync(path, JSON.stringify(content, null, 2));
    return await use(path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
