import { fillsDatastore } from "../../contracts/settings/cloud.ts";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { Problem } from "../../contracts/problem.ts";
import { contentsOf } from "../assemble.ts";
import type { Cloud } from "../cloud.ts";
import { jobFiles } from "../../contracts/layout.ts";
import { stamp } from "../names.ts";
import { buildImage } from "./images.ts";
import { unlessMade } from "./storage.ts";

const ROOT = join(import.meta.dirname, "../..");

/**
 * Uploads the similarity job's code for clusters. `packed`: a folder that spark-jobs/package.sh has
 * filled.
 */
export async function uploadSpark(cloud: Cloud, packed?: string): Promise<void> {
  if (cloud.steamer.engine !== "dataproc") return;
  const schema = readFileSync(join(ROOT, "contracts/schemas/similarity-request.json"), "utf8");
  const from = stamp(contentsOf(join(ROOT, "spark-jobs")), schema);
  await unlessMade(cloud, "spark", from, async () => {
    if (packed) return copySpark(cloud, packed, SPARK_FILES);
    const folder = mkdtempSync(join(tmpdir(), "steamer-spark-"));
    try {
      if (!cloud.journal.dryRun) packSpark(folder);
      await copySpark(cloud, folder, SPARK_FILES);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

async function copySpark({ gcloud, dataBucket }: Cloud, folder: string, files: string[]): Promise<void> {
  const paths = files.map((name) => join(folder, name));
  await gcloud.change("storage", "cp", ...paths, `gs://${dataBucket}/${jobFiles.folder}`);
}

const SPARK_FILES = Object.values(jobFiles.spark).map((path) => basename(path));

function packSpark(folder: string): void {
  try {
    execFileSync(join(ROOT, "spark-jobs/package.sh"), [folder], { stdio: ["ignore", 2, 2] });
  } catch (cause) {
    const next = "it needs Python 3.11; Cloud Build packs in a step of its own and passes --spark <folder>";
    throw new Problem({ doing: "Packing spark-jobs", why: "package.sh failed", next, cause });
  }
}

/** Builds the load job's image, and the template that names it. */
export async function buildTemplate(cloud: Cloud): Promise<void> {
  const { gcloud, steamer, dataBucket } = cloud;
  if (!fillsDatastore(steamer)) return;
  const folder = join(ROOT, "templates");
  const image = await buildImage(cloud, "load", folder, stamp(contentsOf(folder)));
  const template = `gs://${dataBucket}/${jobFiles.loadTemplate}`;
  const there = await gcloud.read("storage", "cat", template);
  if (there !== null && (JSON.parse(there) as { image?: string }).image === image) return;
  const metadata = join(folder, "metadata.json");
  const flags = [`--image=${image}`, "--sdk-language=PYTHON", `--metadata-file=${metadata}`];
  await gcloud.change("dataflow", "flex-template", "build", template, ...flags);
}
