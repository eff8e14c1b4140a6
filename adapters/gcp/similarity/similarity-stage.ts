import type { Settings } from "../../../contracts/settings/settings.ts";
import type { Objects } from "../../../night/state/objects.ts";
import type { Stage } from "../../../night/run/stage.ts";

/**
 * The similarity stage on Google Cloud, on the engine of the settings. The other engine is not even
 * loaded.
 */
export function similarityStage(objects: Objects): Stage {
  const on = async ({ engine }: Settings): Promise<Stage> =>
    engine === "bigquery"
      ? (await import("./bigquery/bigquery-stage.ts")).bigQueryStage(objects)
      : (await import("./dataproc/dataproc-stage.ts")).dataprocStage(objects);
  return {
    name: "similarity",
    start: async (context) => (await on(context.settings)).start(context),
    poll: async (context, operation) => (await on(context.settings)).poll(context, operation),
    cancel: async (context, operation) => (await on(context.settings)).cancel(context, operation),
  };
}
