import type { StageName } from "../../contracts/manifest.ts";
import type { Settings } from "../../contracts/settings/settings.ts";

import { settingsOfRun } from "../../night/run/fingerprint.ts";
import type { Objects } from "../../night/state/objects.ts";
import { publish } from "../../night/publish/publish.ts";
import type { Queue } from "../../night/run/queue.ts";
import type { Night } from "../../night/run/run.ts";
import type { Stage, StageContext } from "../../night/run/stage.ts";
import type { CompleteDays } from "../../night/run/start-run.ts";
import { openObjects } from "../storage/choose.ts";

/** A night on Google Cloud. Each function loads only its own stage's adapter. */
export async function cloudNight(settings: Settings): Promise<Night> {
  const objects = await openObjects(settings);
  return {
    objects,
    settings,
    stages: {
      export: lazily("export", async () => (await import("./export/export-stage.ts")).exportStage(objects)),
      similarity: lazily("similarity", async () =>
        (await import("./similarity/similarity-stage.ts")).similarityStage(objects),
      ),
      load: lazily("load", async () => (await import("./load/load-stage.ts")).loadStage(objects)),
      publish: lazily("publish", async () => publishStage(objects)),
    },
    owner: "cloud-tasks",
    now: () => new Date(),
    writesEveryLook: true,
  };
}

/** Cloud Tasks, for the looks at a shop's runs. */
export async function cloudQueue(settings: Settings): Promise<Queue> {
  return (await import("./tasks.ts")).taskQueue(settings);
}

/** The days whose events are complete. */
export async function completeDaysOf(settings: Settings): Promise<CompleteDays> {
  return (await import("./export/event-source.ts")).completeDays(settings);
}

/**
 * A stage whose SDK is loaded on first use. It sees the settings as they were when its run began.
 */
function lazily(name: StageName, load: () => Promise<Stage>): Stage {
  let loaded: Promise<Stage> | undefined;
  const stage = () => (loaded ??= load());
  const pinned = (context: StageContext): StageContext => ({
    ...context,
    settings: settingsOfRun(context.settings, context.manifest.settings),
  });
  return {
    name,
    start: async (context) => (await stage()).start(pinned(context)),
    poll: async (context, operation) => (await stage()).poll(pinned(context), operation),
    cancel: async (context, operation) => (await stage()).cancel(pinned(context), operation),
  };
}

/**
 * Publishing takes seconds, so the first look does it. A repeated look finds the model current
 * already.
 */
function publishStage(objects: Objects): Stage {
  return {
    name: "publish",
    start: async () => ({ at: "the first look" }),
    async poll({ manifest, settings }) {
      const { run: model, force } = manifest;
      const { buyersReader } = await import("../local/publish/read-buyers.ts");
      const readBuyers = buyersReader(objects, manifest);
      const publication = { settings, model, now: new Date(), force, readBuyers };
      const { warnings, ...metrics } = await publish(objects, publication);
      return { state: "done", metrics, warnings };
    },
    cancel: async () => {},
  };
}
