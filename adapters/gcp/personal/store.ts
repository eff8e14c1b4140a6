import type { PersonalStore } from "../../../day/personal-lists.ts";
import type { Place } from "../clients.ts";
import { openDatastoreLists, type ListsOptions } from "./lists.ts";
import { openCloudTasks, type TasksOptions } from "./tasks.ts";

/** Lists in Datastore, tasks in Cloud Tasks. The function `personalize` carries them out. */
export async function openCloudStore(
  settings: Place & Parameters<typeof openCloudTasks>[0],
  options: ListsOptions & TasksOptions,
): Promise<PersonalStore> {
  const [lists, tasks] = await Promise.all([
    openDatastoreLists(settings, options),
    openCloudTasks(settings, options),
  ]);
  // Nobody waits for it: what is away at the start may be there later.
  void Promise.all([lists.connect(), tasks.connect()]);
  return {
    lists,
    tasks,
    work() {
      throw new Error("on Google Cloud a function carries out tasks");
    },
    waiting: tasks.waiting,
    sharesQueue: true,
    failing: () => [
      ...(lists.isFailing() ? ["personal lists"] : []),
      ...(tasks.isFailing() ? ["the queue of personal lists"] : []),
    ],
    close: async () => tasks.close(),
  };
}
