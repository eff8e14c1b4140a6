import type { HttpTarget } from "./dispatch.ts";
import { Failure } from "../platform/faults.ts";
import { secondsOf, type Message } from "../platform/grpc.ts";

/** A task as tests see it. */
export interface TaskView {
  name: string;
  url: string;
  /** Parsed, if it is JSON. */
  body: unknown;
  /** The time at which it is due. */
  due: Date;
  attempts: number;
}

/** One attempt to deliver a task. `status` is the HTTP status, or 0 without an answer. */
export interface Delivery {
  task: string;
  url: string;
  body: unknown;
  status: number;
}

/** A task in a queue. */
export interface Task {
  message: Message;
  target: HttpTarget;
  due: number;
  attempts: number;
  answered: number;
  unschedule?: () => void;
}

/** @throws Failure for a task that production, or this stand-in, would refuse. */
export function checkTask(parent: string, name: string, { httpRequest }: Message): void {
  if (!name.startsWith(`${parent}/tasks/`) || !/^[\w-]{1,500}$/.test(lastPart(name))) {
    const form = `${parent}/tasks/<TASK_ID>`;
    throw new Failure("INVALID_ARGUMENT", `Task name must be formatted "${form}", [A-Za-z0-9_-]: ${name}`);
  }
  if (httpRequest?.url) return;
  throw new Failure("INVALID_ARGUMENT", "This stand-in delivers HTTP tasks only.");
}

/** Cloud Tasks' own defaults. */
const RETRIES = {
  maxAttempts: 100,
  minBackoff: { seconds: "0", nanos: 100_000_000 },
  maxBackoff: { seconds: "3600", nanos: 0 },
  maxDoublings: 16,
};

/**
 * Seconds until the next attempt: doubled from the least, then growing by the last step, up to the
 * most.
 */
export function backOff({ minBackoff, maxBackoff, maxDoublings }: Message, attempts: number): number {
  const doublings = Math.min(attempts - 1, maxDoublings);
  const steps = 1 + (attempts - 1 - doublings);
  return Math.min(secondsOf(maxBackoff), secondsOf(minBackoff) * 2 ** doublings * steps);
}

export function bodyOf({ body }: HttpTarget): unknown {
  const text = Buffer.from(body ?? "").toString();
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export const viewOf = ({ message, target, due, attempts }: Task): TaskView => ({
  name: message.name,
  url: target.url,
  body: bodyOf(target),
  due: new Date(due),
  attempts,
});

/** A queue's retry settings, with Cloud Tasks' defaults for missing ones. */
export const retriesOf = ({ retryConfig }: Message): Message => ({
  ...RETRIES,
  ...Object.fromEntries(
    Object.entries(retryConfig ?? {}).filter(([, value]) => value !== null && value !== 0),
  ),
});

export const queueOf = (task: string) => task.slice(0, task.lastIndexOf("/tasks/"));
export const lastPart = (name: string) => name.slice(name.lastIndexOf("/") + 1);
