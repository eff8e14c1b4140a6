import { join } from "node:path";
import { Problem } from "../../contracts/problem.ts";
import type { Cloud } from "../cloud.ts";
import { jobFiles } from "../../contracts/layout.ts";
import { repositoryPath } from "../names.ts";

interface Image {
  package: string;
  version: string;
  tags?: string | string[];
}

/** Builds an image and returns its digest: later changes of the tag cannot change what runs. */
export async function buildImage(cloud: Cloud, name: string, folder: string, tag: string): Promise<string> {
  const { gcloud, steamer, dataBucket, journal } = cloud;
  const path = `${repositoryPath(steamer.region, steamer.project)}/${name}`;
  const find = async () => {
    const images = await gcloud.list<Image>("artifacts", "docker", "images", "list", path, "--include-tags");
    const found = images.find(({ tags = [] }) => [tags].flat().join(",").split(/, */).includes(tag));
    return found ? `${path}@${found.version}` : null;
  };
  const there = await find();
  if (there) return there;
  await gcloud.change(
    "builds",
    "submit",
    folder,
    `--config=${join(import.meta.dirname, "../image.yaml")}`,
    `--substitutions=_IMAGE=${path}:${tag}`,
    `--region=${steamer.region}`,
    "--suppress-logs",
    `--service-account=projects/${steamer.project}/serviceAccounts/${cloud.email("build")}`,
    `--gcs-source-staging-dir=gs://${dataBucket}/${jobFiles.source}`,
  );
  const built = journal.dryRun ? `${path}@sha256:${"0".repeat(64)}` : await find();
  if (built) return built;
  const next = "look at the build (gcloud builds list) and deploy again";
  throw new Problem({ doing: `Building ${path}:${tag}`, why: "it is not in the repository", next });
}
