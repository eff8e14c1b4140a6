/** Fields of a log line beside its message: Cloud Logging filters by them. */
export interface LogFields {
  shop?: string;
  run?: string;
  stage?: string;
  /** The event that metrics and alarms count: see infra/. */
  event?: "night failed" | "published" | "model age";
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

/** The trace of a request, from the header that Google's front end adds. */
export function traceOf(header: string | undefined, project: string | undefined): string | undefined {
  const id = header?.split("/")[0];
  return id && project ? `projects/${project}/traces/${id}` : undefined;
}
