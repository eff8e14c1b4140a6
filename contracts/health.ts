/**
 * A name of the health service for probes that start a process anew. It is always serving: a new
 * process would not have a model either.
 */
export const LIVENESS = "liveness";
