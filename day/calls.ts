import { Breaker } from "./breaker.ts";
import { Retries, type RetryOptions } from "./retries.ts";

/** What each call of another service has. */
export interface CallOptions {
  deadlineMs: number;
  /** W3C traceparent of what the call is made for. */
  traceparent: string;
}

/** The trace in a traceparent. */
export const traceOf = (traceparent: string) => traceparent.slice(3, 35);

/** A call that brought no answer. */
export class CallFailed extends Error {
  /** The name of gRPC's status, or GARBAGE for an answer that breaks the contract. */
  readonly status: string;
  /** The model that was asked, where the service says it. */
  readonly model: string | undefined;

  constructor(status: string, message: string, { cause, model }: { cause?: unknown; model?: string } = {}) {
    super(message, { cause });
    this.name = "CallFailed";
    this.status = status;
    this.model = model;
  }
}

/** Statuses of a service that works: they are its answers to what it was asked. */
const ANSWERS = ["INVALID_ARGUMENT", "NOT_FOUND", "FAILED_PRECONDITION"];
/** Failures that another try may not have. */
const PASSING = [
  "UNAVAILABLE",
  "DEADLINE_EXCEEDED",
  "RESOURCE_EXHAUSTED",
  "CANCELLED",
  "INTERNAL",
  "UNKNOWN",
];

/** The status of an answer that is none of a failure. */
export const answerIn = (error: unknown): string | undefined =>
  error instanceof CallFailed && ANSWERS.includes(error.status) ? error.status : undefined;

/** What stands between a caller and another service. */
export interface Guard {
  breaker: Breaker;
  retries: Retries;
  /** Is told of each call's status, and of each retry. */
  called(status: string): void;
  retrying(): void;
}

/** Failed calls in a row after which a service is left alone. */
const FAILURES = 5;

export interface GuardOptions extends Omit<RetryOptions, "most"> {
  /** Times that a failed call is tried again. */
  retries: number;
  /** For so long a service that fails is left alone. */
  breakMs: number;
  /** Milliseconds from any start, which never go back. */
  now(): number;
}

/** The breaker, and the budget of retries, for all calls of one service. */
export function createGuard({
  retries,
  breakMs,
  now,
  sleep,
  random,
}: GuardOptions): Pick<Guard, "breaker" | "retries"> {
  return {
    breaker: new Breaker({ failures: FAILURES, pauseMs: breakMs, now }),
    retries: new Retries({ most: retries, sleep, random }),
  };
}

/** True for a failure that another try may not have. */
export const mayPass = (error: unknown): boolean =>
  error instanceof CallFailed && PASSING.includes(error.status);

/**
 * Makes a call, and makes it again where that may help: within the budget of retries, as long as
 * the breaker lets it through.
 * @throws BreakerOpen, or the last call's error
 */
export function guarded<T>(call: () => Promise<T>, guard: Guard): Promise<T> {
  const { breaker, retries, called, retrying } = guard;
  return retries.run(
    () => breaker.run(once, (error) => answerIn(error) === undefined),
    (error) => mayPass(error) && breaker.admits,
    retrying,
  );

  async function once() {
    try {
      const answer = await call();
      called("OK");
      return answer;
    } catch (error) {
      called(error instanceof CallFailed ? error.status : "UNKNOWN");
      throw error;
    }
  }
}
