import { Problem } from "../contracts/problem.ts";

/** Runs long work that SIGINT and SIGTERM cancel, by a signal whose reason names the cancelling. */
export async function interruptible<T>(
  doing: string,
  work: (signal: AbortSignal) => Promise<T>,
  said: { why: string; next: string } = CANCELLED,
): Promise<T> {
  const cancel = new AbortController();
  const stop = () => cancel.abort(new Problem({ doing, ...said }));
  process.once("SIGINT", stop).once("SIGTERM", stop);
  try {
    return await work(cancel.signal);
  } finally {
    process.off("SIGINT", stop).off("SIGTERM", stop);
  }
}

const CANCELLED = { why: "it was cancelled", next: "run it again when it suits you" };
