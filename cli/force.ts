import type { Command } from "commander";
import { Problem } from "../contracts/problem.ts";

export interface ForceOptions {
  force?: boolean;
  reason?: string;
}

/** Adds the flags that publish a model which the gate holds back. */
export function withForce(command: Command): Command {
  return command
    .option("--force", "publish although the gate holds the model back")
    .option("--reason <text>", "why it is forced; kept in the manifest");
}

/**
 * The reason for a forced publication; undefined without `--force`.
 * @throws Problem when the reason is missing.
 */
export function forceOf({ force, reason }: ForceOptions): string | undefined {
  if (!force) return undefined;
  if (reason) return reason;
  const next = "add --reason '<why>': it is kept in the manifest";
  throw new Problem({ doing: "Reading --force", why: "a forced publication needs a reason", next });
}
