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
    const answer = begin();
    const gone = new AbortController();
    call.on("cancelled", () => gone.abort());
    // It is told at once, however long the client waits with its next request.
    const fail = (error: unknown) => {
      const isFirst = !gone.signal.aborted;
      gone.abort();
      if (isFirst) call.emit("error", failureOf(error, call.getPath(), log));
    };
    let last = Promise.resolve();
    let atWork = 0;
    call.on("data", (request: Request) => {
      if (gone.signal.aborted) return;
      if (++atWork === atOnce) call.pause();
      last = writeAfter(
        last,
        begun(() => answer(request, gone.signal)),
        call,
        gone.signal,
      );
      last.then(() => {
        if (atWork-- === atOnce) call.resume();
      }, fail);
    });
    // A failure has ended the call.
    call.on("end", () => void last.then(() => call.end()).catch(() => {}));
  };
}

async function writeAfter<Answer>(
  before: Promise<void>,
  answered: Promise<Answer>,
  call: ServerDuplexStream<unknown, Answer>,
  gone: AbortSignal,
): Promise<void> {
  await before;
  if (!call.write(await answered)) await once(call, "drain", { signal: gone });
}

/** A promise of an answer, which may fail before anybody looks at it. */
function begun<Answer>(answer: () => Answer | Promise<Answer>): Promise<Answer> {
  const answered = new Promise<Answer>((resolve) => resolve(answer()));
  answered.catch(() => {});
  return answered;
}
