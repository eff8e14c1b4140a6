import type { Settings } from "../../contracts/settings/settings.ts";
import type { Night } from "../../night/run/run.ts";
import { PROCESS_OWNER } from "../process-owner.ts";
import { fileObjects } from "../storage/files.ts";
import { exportStage } from "./export/export-stage.ts";
import { ReadAhead } from "./export/last-day.ts";
import { loadStage } from "./load/load-stage.ts";
import { publishStage } from "./publish/publish-stage.ts";
import { similarityStage } from "./similarity/similarity-stage.ts";

/**
 * A night whose stages run in this process, on files below the data folder.
 * @param ahead events that were read to find the last day
 */
export function localNight(settings: Settings, ahead = new ReadAhead()): Night {
  const root = settings.data;
  const objects = fileObjects(root);
  return {
    objects,
    settings,
    stages: {
      export: exportStage(root, objects, ahead),
      similarity: similarityStage(root),
      load: loadStage(root, objects),
      publish: publishStage(root, objects),
    },
    owner: PROCESS_OWNER,
    now: () => new Date(),
  };
}
