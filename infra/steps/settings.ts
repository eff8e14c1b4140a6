import type { Settings } from "../../contracts/settings/settings.ts";
import { paths } from "../../contracts/layout.ts";
import type { Cloud } from "../cloud.ts";
import { isAboutPersonal, isDecided } from "../serving.ts";
import { addressOfPersonalizer } from "./personalizer.ts";
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
 * The settings of the file, and where the Personalizer is. A shop that another one's recommender
 * serves has the other one's settings of users' lists.
 */
async function settingsForFunctions(cloud: Cloud): Promise<Partial<Settings>> {
  const { gcloud, given, deploy, pointerBucket } = cloud;
  const isOwn = (name: string) => !isAboutPersonal(name) || !isDecided(name);
  const own = Object.fromEntries(Object.entries(given).filter(([name]) => isOwn(name)));
  if (deploy.servedBy === undefined) return { ...own, ...(await addressOfPersonalizer(cloud)) };
  const server = await gcloud.read(
    "storage",
    "cat",
    `gs://${pointerBucket}/${paths.settings(deploy.servedBy)}`,
  );
  const others = Object.entries(JSON.parse(server ?? "{}") as object).filter(([name]) =>
    isAboutPersonal(name),
  );
  return { ...Object.fromEntries(others), ...own };
}
