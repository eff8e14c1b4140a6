import { Worker } from "node:worker_threads";
import type { FromThread, Scored, ThreadData } from "./worker.ts";

// The extension of the running file tells if this is the source or the build.
const workerFile = new URL(`./worker${import.meta.url.slice(-3)}`, import.meta.url);

/** The thread has ended before it answered. */
export class ThreadEnded extends Error {
  constructor(cause?: unknown) {
    super("a thread of the model has ended", { cause });
    this.name = "ThreadEnded";
  }
}

/** A running thread of a model. It has one list of texts at a time. */
export interface Thread {
  /** False: the model's answers depend on the batch, so it scores texts one at a time. */
  steady: boolean;
  /** @throws ThreadEnded, or the model's own error */
  run(texts: readonly string[]): Promise<Scored[]>;
  /** Resolves when it has ended, whoever ended it. */
  ended: Promise<void>;
  end(): Promise<void>;
}

/**
 * Starts a thread, which loads the model and tries it.
 * @throws Error with a reason for people when the model cannot be used
 */
export async function startThread(data: ThreadData): Promise<Thread> {
  const worker = new Worker(workerFile, { workerData: data });
  let waits = Promise.withResolvers<FromThread>();
  let failure: unknown;
  let isOver = false;
  const ended = new Promise<void>((resolve) => {
    worker.once("exit", () => {
      isOver = true;
      waits.reject(new ThreadEnded(failure));
      resolve();
    });
  });
  worker.on("error", (error) => (failure = error));
  worker.on("message", (message: FromThread) => waits.resolve(message));
  const first = await waits.promise.catch((error: unknown) => {
    // Most of all that a package is missing, which the reader can mend.
    throw failure ?? error;
  });
  if (!("ready" in first)) {
    await worker.terminate();
    throw new Error("refused" in first ? first.refused : "the thread did not say that it is ready");
  }
  return {
    steady: first.ready.steady,
    async run(texts) {
      if (isOver) throw new ThreadEnded(failure);
      waits = Promise.withResolvers();
      worker.postMessage(texts);
      const answer = await waits.promise;
      if ("scored" in answer) return answer.scored;
      throw new Error("failed" in answer ? answer.failed : "the thread said something strange");
    },
    ended,
    end: async () => void (await worker.terminate()),
  };
}
