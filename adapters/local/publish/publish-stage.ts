import type { Objects } from "../../../night/state/objects.ts";
import { publish } from "../../../night/publish/publish.ts";
import { localStage } from "../local-stage.ts";
import { buyersReader } from "./read-buyers.ts";
import { clicksReader } from "./read-clicks.ts";

/** The publish stage on this machine; the rules are those of night/. */
export const publishStage = (root: string, objects: Objects) =>
  localStage("publish", async ({ manifest, settings }) => {
    const { run: model, force } = manifest;
    const readBuyers = buyersReader(objects, manifest);
    const readClicks = clicksReader(root, settings.shop);
    const publication = { settings, model, now: new Date(), force, readBuyers, readClicks };
    const { warnings, ...metrics } = await publish(objects, publication);
    return { metrics, warnings };
  });
