/** Cloud Logging's names of Pino's levels. */
const SEVERITIES: Record<string, string> = {
  trace: "DEBUG",
  debug: "DEBUG",
  info: "INFO",
  warn: "WARNING",
  error: "ERROR",
  fatal: "CRITICAL",
};

/** Pino's options for JSON lines as Cloud Logging reads them, each with these fields. */
export function cloudLog(fields: Record<string, string>): object {
  return {
    base: fields,
    messageKey: "message",
    formatters: { level: (level: string) => ({ severity: SEVERITIES[level] }) },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
  };
}
