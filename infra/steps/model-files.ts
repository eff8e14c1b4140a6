import { paths } from "../../contracts/layout.ts";
import type { Manifest, Pointer } from "../../contracts/manifest.ts";
import type { LoadMetrics } from "../../contracts/metrics.ts";
import type { Cloud } from "../cloud.ts";

/** The files of a shop's current model, whose sizes rule the memory; null before the first. */
export async function currentFiles(cloud: Cloud, shop: string): Promise<LoadMetrics | null> {
  const { gcloud, dataBucket, pointerBucket } = cloud;
  const read = async <T>(bucket: string, path: string) => {
    const text = await gcloud.read("storage", "cat", `gs://${bucket}/${path}`);
    return text === null ? null : (JSON.parse(text) as T);
  };
  const pointer = await read<Pointer>(pointerBucket, paths.pointer(shop));
  if (!pointer) return null;
  const manifest = await read<Manifest>(dataBucket, paths.manifest(shop, pointer.model));
  return (manifest?.stages.load.metrics as LoadMetrics | undefined) ?? null;
}
