import { createHash } from "node:crypto";
import { QUEUE } from "../../contracts/google-names.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import type { Look, Queue } from "../../night/run/queue.ts";
import { cloudTasks, projectOf, type Place } from "./clients.ts";
import { asking, unlessThere } from "./failures.ts";
import { tasksFor } from "./http-task.ts";

/** The longest that Cloud Tasks waits for an answer. Building a snapshot takes minutes. */
const DISPATCH_DEADLINE_SECONDS = 30 * 60;

/**
 * Delivers looks by Cloud Tasks to the function of their stage, with a token of the account
 * steamer-tasks. A look always has the same task name, so the queue takes it once.
 */
export async function taskQueue(settings: Place & Pick<Settings, "functionsUrl">): Promise<Queue> {
  const client = await cloudTasks(settings);
  const project = projectOf(settings);
  const { region } = settings;
  const parent = client.queuePath(project, region, QUEUE);
  const taskFor = tasksFor(settings, "tasks");
  return {
    async enqueue(look, delaySeconds) {
      const task = {
        name: client.taskPath(project, region, QUEUE, nameOf(look)),
        httpRequest: taskFor(look.stage, look),
        dispatchDeadline: { seconds: DISPATCH_DEADLINE_SECONDS },
        ...(delaySeconds > 0
          ? { scheduleTime: { seconds: Math.ceil(Date.now() / 1000) + delaySeconds } }
          : {}),
      };
      const next = `the queue ${QUEUE} in ${region} is made by \`infra/deploy\`, which also lets the functions use it`;
      await asking(`Asking for the next look at run ${look.run} of ${look.shop}`, next, () =>
        unlessThere(() => client.createTask({ parent, task })),
      );
    },
  };
}

/** Hashed, because names that count up would all fall on the same servers. */
function nameOf({ shop, run, stage, attempt, look }: Look): string {
  return createHash("sha256")
    .update(JSON.stringify([shop, run, stage, attempt, look]))
    .digest("hex");
}
