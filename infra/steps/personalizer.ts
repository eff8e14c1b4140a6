import type { Cloud } from "../cloud.ts";
import { personalizerSize } from "../memory.ts";
import { servedShops } from "../served-shops.ts";
import { settingsFor } from "../serving.ts";
import { deployGrpc, PERSONALIZER } from "./grpc-services.ts";
import { currentFiles } from "./model-files.ts";

/**
 * Deploys the Personalizer of the shops that the recommender serves, if it has changed, with memory
 * for their models. Only the function `personalize` may call it.
 */
export async function deployPersonalizer(cloud: Cloud, folder: string): Promise<void> {
  if (!PERSONALIZER.isWanted(cloud)) return;
  const { steamer, deploy } = cloud;
  const sizes = await Promise.all(servedShops(steamer).map((shop) => modelBytes(cloud, shop)));
  await deployGrpc(cloud, PERSONALIZER, folder, {
    ...personalizerSize(sizes),
    minInstances: deploy.personalizerMinInstances,
    maxInstances: deploy.personalizerMaxInstances,
    maxCalls: steamer["personalizer.maxCalls"],
    settings: settingsFor("personalizer", cloud),
  });
}

/** Bytes of a model in memory: its files, and the items' factors once more in another order. */
async function modelBytes(cloud: Cloud, shop: string): Promise<number | null> {
  const files = await currentFiles(cloud, shop);
  if (!files) return null;
  // A model that was made without factors is not loaded.
  if (!files.factors) return 0;
  const { items, users } = files.factors;
  return files.snapshot.bytes + users.bytes + 2 * items.bytes;
}
