import { setTimeout } from "node:timers/promises";
import { Problem } from "../../contracts/problem.ts";

/** An error of Google's clients. gRPC has its own code numbers; REST uses HTTP's. */
interface GoogleError extends Error {
  code?: number | string;
  details?: string;
  /** REST: the service's own words. */
  errors?: { reason?: string; message?: string }[];
}

// The names of google.rpc.Code, by gRPC's number and by HTTP's.
const GRPC = [
  "OK",
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED",
];
const HTTP: Record<number, string> = {
  400: "INVALID_ARGUMENT",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  405: "UNIMPLEMENTED",
  408: "DEADLINE_EXCEEDED",
  409: "ALREADY_EXISTS",
  410: "NOT_FOUND",
  412: "FAILED_PRECONDITION",
  413: "INVALID_ARGUMENT",
  416: "OUT_OF_RANGE",
  429: "RESOURCE_EXHAUSTED",
  501: "UNIMPLEMENTED",
  504: "DEADLINE_EXCEEDED",
};

const FOR_PEOPLE = [
  "INVALID_ARGUMENT",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "FAILED_PRECONDITION",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "UNAUTHENTICATED",
];

/** Reasons of BigQuery and Cloud Storage that ask the caller to try later, under any code. */
const MAY_PASS =
  /^((job)?(backend|internal)Error|(job|user)?RateLimitExceeded|rateLimitExceeded|resourcesExceededTemporarily|tableUnavailable|resourceInUse|timeout)$/;

/** True when a job or call that failed with this reason may succeed on another try. */
export const reasonMayPass = (reason: string | undefined): boolean => MAY_PASS.test(reason ?? "");

/**
 * The name of an error's google.rpc.Code ("NOT_FOUND"), for gRPC and REST clients; undefined if it
 * has none.
 */
export function statusOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || error instanceof Problem) return undefined;
  const { code, errors, message } = error as GoogleError;
  if (errors?.some(({ reason }) => reasonMayPass(reason))) return "UNAVAILABLE";
  if (/could not load the default credentials|invalid_grant/i.test(message)) return "UNAUTHENTICATED";
  const number = Number(code);
  if (!Number.isInteger(number)) return undefined;
  return number < 100 ? GRPC[number] : (HTTP[number] ?? (number >= 500 ? "UNAVAILABLE" : undefined));
}

/**
 * Calls Google Cloud. A failure that may pass (a busy service, a broken network) is thrown
 * unchanged: the queue then delivers the look again.
 * @param doing the action and its object: "Starting the export of 2026-11-21"
 * @param next the cure for a refusal: "check that steamer-export@… may read the dataset"
 * @throws Problem when another try would not help.
 */
export async function asking<T>(doing: string, next: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (mayPass(error)) throw error;
    const status = statusOf(error)!;
    const why = `${messageOf(error as GoogleError)} (${status})`;
    throw new Problem({ doing, why, next: nextStep(status, why) ?? next, cause: error });
  }
}

/** True for failures that may pass soon: a service that is busy or down, a network that breaks. */
function mayPass(error: unknown): boolean {
  const status = statusOf(error);
  return status === undefined || !FOR_PEOPLE.includes(status);
}

/** Pauses before another attempt at reading, in milliseconds. */
const PAUSES_MS = [250, 500, 1000];

/**
 * Repeats a call after failures that may pass. It is for streams, which the client must not retry
 * by itself (see clients.ts).
 */
export async function persistently<T>(call: () => Promise<T>): Promise<T> {
  for (const pause of PAUSES_MS) {
    try {
      return await call();
    } catch (error) {
      if (!mayPass(error)) throw error;
      await setTimeout(pause);
    }
  }
  return call();
}

/** A call's answer, or null when the object of the call does not exist. */
export async function ifThere<T>(call: () => Promise<T>): Promise<T | null> {
  try {
    return await call();
  } catch (error) {
    if (statusOf(error) === "NOT_FOUND") return null;
    throw error;
  }
}

/** True for a refusal of what was asked: the service works, and it is not to be left alone. */
export const isCallersFault = (error: unknown): boolean => statusOf(error) === "INVALID_ARGUMENT";

/** Makes an object; one that exists already is as good. */
export async function unlessThere(create: () => Promise<unknown>): Promise<void> {
  try {
    await create();
  } catch (error) {
    if (statusOf(error) !== "ALREADY_EXISTS") throw error;
  }
}

/** gRPC puts number and name before the message. After its first line comes the server's stack. */
function messageOf({ details, errors, message }: GoogleError): string {
  const text = details || errors?.[0]?.message || message.replace(/^\d+ [A-Z_]+: /, "");
  return text.trim().split("\n")[0].replace(/\.$/, "");
}

/** The cure of a refusal that has only one, whatever the call. */
function nextStep(status: string, why: string): string | undefined {
  if (status === "UNAUTHENTICATED")
    return "sign in (gcloud auth application-default login), or run as a service account that may do this";
  if (/quota/i.test(why)) return "wait until the quota is renewed, or ask for a higher one; then try again";
  if (/has not been used in project|is disabled|SERVICE_DISABLED/.test(why))
    return "enable the service in the project: `infra/deploy` does";
  return undefined;
}
