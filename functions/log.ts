/** Fields of a log line beside its message: Cloud Logging filters by them. */
export interface LogFields {
  shop?: string;
  run?: string;
  stage?: string;
  /** The event that metrics and alarms count: see infra/. */
  event?:
    | "night failed"
    | "published"
    | "quality fell"
    | "model age"
    | "personal list"
    | "review"
    | "reviews waiting"
    | "catalogue pushed";
  [field: string]: unknown;
}

export type Severity = "INFO" | "WARNING" | "ERROR";

/** Writes one line of JSON, as Cloud Logging reads it from a function's standard output. */
export interface Log {
  (severity: Severity, message: string, fields?: LogFields): void;
}

/** A log whose lines all carry these fields; `trace` joins the lines of one request. */
export function createLog(fields: LogFields, trace: string | undefined, write = writeLine): Log {
  const joined = trace === undefined ? {} : { "logging.googleapis.com/trace": trace };
  return (severity, message, more = {}) =>
    write(
      JSON.stringify({ severity, message, time: new Date().toISOString(), ...fields, ...more, ...joined }),
    );
}

const writeLine = (line: string) => void process.stdout.write(`${line}\n`);

/**
 * The trace of a request: the one that its caller names (W3C traceparent), or the one that Google's
 * front end begins.
 */
export function traceIn(
  header: (name: string) => string | undefined,
  project: string | undefined,
): string | undefined {
  const named = /^[\da-f]{2}-([\da-f]{32})-/.exec(header("traceparent") ?? "")?.[1];
  const id = named ?? header("x-cloud-trace-context")?.split("/")[0];
  return id && project ? `projects/${project}/traces/${id}` : undefined;
}
