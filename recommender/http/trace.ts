import { randomBytes } from "node:crypto";

/** W3C Trace Context: version, trace, parent, flags. Only later versions than 00 may append. */
const TRACEPARENT =
  /^(?!ff)[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})[\da-f]{16}-([\da-f]{2})((?<!^00.*)-|$)/;

/**
 * The trace of a request goes on below it, under a new span; without one a trace begins. Nothing is
 * exported: the ids tie log lines together.
 */
export function traceparentBelow(header: string | string[] | undefined): string {
  const [, trace, flags] = (typeof header === "string" && TRACEPARENT.exec(header)) || [];
  return `00-${trace ?? randomBytes(16).toString("hex")}-${randomBytes(8).toString("hex")}-${flags ?? "00"}`;
}
