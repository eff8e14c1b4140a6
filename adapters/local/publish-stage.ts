import type { Objects } from "../../night/state/objects.ts";
import { publish } from "../../night/publish/publish.ts";
import { localStage } from "./local-stage.ts";

/** The publish stage on this machine; the rules are those of night/. */
export const publishStage = (objects: Objects) =>
  localStage("publish", async ({ manifest, settings }) => {
    const { run: model, force } = manifest;
    const { warnings, ...metrics } = await publish(objects, { settings, model, now: new Date(), force });
    return { metrics, warnings };
  });
