import { once } from "node:events";
import type { handleBidiStreamingCall, ServerDuplexStream } from "@grpc/grpc-js";
import type { NewsLog } from "../following.ts";
import { failureOf } from "./unary.ts";

/** Answers one request of a stream. The signal tells that nobody waits for it any more. */
export type Answering<Request, Answer> = (request: Request, gone: AbortSignal) => Answer | Promise<Answer>;

/**
 * Answers the requests of a stream in their order. So many are at work at once; no further one is
 * read before the client reads answers. The first that fails ends the stream, after the answers to
 * those before it.
 * @param begin is called for each stream
 */
export function answers<Request, Answer>(
  begin: () => Answering<Request, Answer>,
  atOnce: number,
  log: NewsLog,
): handleBidiStreamingCall<Request, Answer> {
  return (call) => {
    const gone = new AbortController();
    call.on("cancelled", () => gone.abort());
    const fail = (error: unknown) => {
      const isFirst = !gone.signal.aborted;
      gone.abort();
      if (isFirst && !call.cancelled) call.emit("error", failureOf(error, call.getPath(), log));
    };
    pump(call, begin(), { atOnce, gone: gone.signal, fail }).catch(fail);
  };
}

interface Pumping {
  atOnce: number;
  gone: AbortSignal;
  /** Is told of a failure at once, however long the client waits with its next request. */
  fail(error: unknown): void;
}

async function pump<Request, Answer>(
  call: ServerDuplexStream<Request, Answer>,
  answer: Answering<Request, Answer>,
  { atOnce, gone, fail }: Pumping,
): Promise<void> {
  const write = async (before: Promise<void>, answered: Promise<Answer>) => {
    await before;
    if (!call.write(await answered)) await once(call, "drain", { signal: gone });
  };
  let last = Promise.resolve();
  const atWork: Promise<void>[] = [];
  // After a bad request the stream must still be able to say what was wrong with it.
  for await (const request of call.iterator({ destroyOnReturn: false }) as AsyncIterable<Request>) {
    if (gone.aborted) return;
    last = write(
      last,
      begun(() => answer(request, gone)),
    );
    last.catch(fail);
    atWork.push(last);
    if (atWork.length >= atOnce) await atWork.shift();
  }
  await last;
  call.end();
}

/** A promise of an answer, which may fail before anybody looks at it. */
function begun<Answer>(answer: () => Answer | Promise<Answer>): Promise<Answer> {
  const answered = new Promise<Answer>((resolve) => resolve(answer()));
  answered.catch(() => {});
  return answered;
}
