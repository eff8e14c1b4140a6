import { hostname } from "node:os";
import type { Settings } from "../../contracts/settings/settings.ts";
import type { Night } from "../../night/run/run.ts";
import { fileObjects } from "../storage/files.ts";
import { exportStage } from "./export/export-stage.ts";
import { ReadAhead } from "./export/last-day.ts";
import { loadStage } from "./load/load-stage.ts";
import { publishStage } from "./publish-stage.ts";
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
      publish: publishStage(objects),
    },
    owner: `${hostname()}:${process.pid}`,
    now: () => new Date(),
  };
}

/**
 * True when the process that holds a lease lives. Processes of another machine cannot be checked
 * and count as alive.
 */
export function isAlive(owner: string): boolean {
  const [host, pid] = [
    owner.slice(0, owner.lastIndexOf(":")),
    Number(owner.slice(owner.lastIndexOf(":") + 1)),
  ];
  if (host !== hostname()) return true;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
