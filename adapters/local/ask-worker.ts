import type { Worker } from "node:worker_threads";

/**
 * Sends a worker a message, and waits for its answer.
 * @throws the worker's error, or that it has ended.
 */
export function ask(worker: Worker, message: unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      worker.off("message", done).off("error", failed).off("exit", ended);
      act();
    };
    const done = () => settle(resolve);
    const failed = (error: unknown) => settle(() => reject(error));
    const ended = (code: number) =>
      settle(() => reject(new Error(`a thread exited with ${code} before its work was done`)));
    worker.on("message", done).on("error", failed).on("exit", ended);
    worker.postMessage(message);
  });
}
