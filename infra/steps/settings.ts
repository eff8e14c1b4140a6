import { paths } from "../../contracts/layout.ts";
import type { Cloud } from "../cloud.ts";
import { withFile } from "./storage.ts";

/** Uploads the shop's settings for the functions, if they have changed. */
export async function uploadSettings({ gcloud, given, steamer, pointerBucket }: Cloud): Promise<void> {
  const target = `gs://${pointerBucket}/${paths.settings(steamer.shop)}`;
  const there = await gcloud.read("storage", "cat", target);
  if (there?.trim() === JSON.stringify(given, null, 2)) return;
  await withFile(given, (file) =>
    gcloud.change("storage", "cp", file, target, "--content-type=application/json"),
  );
}
