import { status, type handleUnaryCall, type ServerUnaryCall } from "@grpc/grpc-js";
import type { NewsLog } from "../../serving/following.ts";
import { Refusal } from "../refusals.ts";
import type { Desk } from "./desk.ts";

/** A handler that answers at once, when it is its turn. Calls that nobody waits for are dropped. */
export function unary<Request, Answer>(
  carryOut: (request: Request) => Answer,
  desk: Desk,
  log: NewsLog,
): handleUnaryCall<Request, Answer> {
  return (call, callback) =>
    desk(() => {
      if (isGone(call)) return callback({ code: status.CANCELLED, details: "nobody waits for it any more" });
      try {
        callback(null, carryOut(call.request));
      } catch (error) {
        callback(failureOf(error, call.getPath(), log));
      }
    });
}

function isGone(call: ServerUnaryCall<unknown, unknown>): boolean {
  return call.cancelled || Number(call.getDeadline()) < Date.now();
}

/** The status of an error. One that is a defect goes to the log, and tells the caller nothing. */
export function failureOf(error: unknown, path: string, log: NewsLog): Pick<Refusal, "code" | "details"> {
  if (error instanceof Refusal) return { code: error.code, details: error.details };
  log.error({ err: error, path }, "a call failed");
  return { code: status.INTERNAL, details: "the Personalizer failed; its log says why" };
}
