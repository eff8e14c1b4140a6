import type { Deployed } from "../../contracts/settings/answering.ts";
import { paths } from "../../contracts/layout.ts";
import type { Cloud } from "../cloud.ts";
import { isAddress } from "../serving.ts";
import { addressOf, INFERENCE, PERSONALIZER } from "./grpc-services.ts";
import { withFile } from "./storage.ts";

/** Uploads the shop's settings for the functions, if they have changed. */
export async function uploadSettings(cloud: Cloud): Promise<void> {
  const { gcloud, steamer, pointerBucket } = cloud;
  const target = `gs://${pointerBucket}/${paths.settings(steamer.shop)}`;
  const settings = await settingsForFunctions(cloud);
  const there = await gcloud.read("storage", "cat", target);
  if (there?.trim() === JSON.stringify(settings, null, 2)) return;
  await withFile(settings, (file) =>
    gcloud.change("storage", "cp", file, target, "--content-type=application/json"),
  );
}

/**
 * The settings of the file, and where the Personalizer and the inference service are. Of a shop
 * that another one serves it is the other one's name.
 */
async function settingsForFunctions(cloud: Cloud): Promise<Deployed> {
  const { servedBy } = cloud.deploy;
  const own = Object.fromEntries(Object.entries(cloud.given).filter(([name]) => !isAddress(name)));
  if (servedBy !== undefined) return { ...own, servedBy };
  return { ...own, ...(await addressOf(cloud, PERSONALIZER)), ...(await addressOf(cloud, INFERENCE)) };
}
