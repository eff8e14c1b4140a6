import { status, type handleUnaryCall, type ServerErrorResponse, type ServerUnaryCall } from "@grpc/grpc-js";
import type { NewsLog } from "../following.ts";
import { gone, Refusal } from "./refusals.ts";

type UnaryCall<Request> = Pick<ServerUnaryCall<Request, unknown>, "cancelled" | "getDeadline">;

/** A handler that answers a call, or ends it with the status of what was thrown. */
export function unary<Request, Answer>(
  carryOut: (request: Request, call: UnaryCall<Request>) => Answer | Promise<Answer>,
  log: NewsLog,
): handleUnaryCall<Request, Answer> {
  return async (call, callback) => {
    try {
      callback(null, await carryOut(call.request, call));
    } catch (error) {
      callback(failureOf(error, call.getPath(), log));
    }
  };
}

/** False once nobody waits for a call's answer any more. */
export const isWaitedFor = (call: UnaryCall<unknown>): boolean =>
  !call.cancelled && Number(call.getDeadline()) >= Date.now();

/** @throws Refusal for a call that nobody waits for any more. */
export function checkWaitedFor(call: UnaryCall<unknown>): void {
  if (!isWaitedFor(call)) throw gone();
}

/** The status of an error. One that is a defect goes to the log, and tells the caller nothing. */
export function failureOf(error: unknown, path: string, log: NewsLog): Partial<ServerErrorResponse> {
  if (error instanceof Refusal) {
    const { code, details, metadata } = error;
    return { code, details, ...(metadata && { metadata }) };
  }
  log.error({ err: error, path }, "a call failed");
  return { code: status.INTERNAL, details: "the service failed; its log says why" };
}
