import type { Objects } from "../../../night/objects.ts";
import { publish, type Force } from "../../../night/publish.ts";
import { localStage } from "./local-stage.ts";

/** The publish stage on this machine: the rules are night's own. */
export const publishStage = (objects: Objects, force: Force | null) =>
  localStage("publish", async ({ manifest, settings }) => {
    const { warnings, ...metrics } = await publish(objects, { settings, model: manifest.run, force });
    return { metrics, warnings };
  });
