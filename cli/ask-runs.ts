import { execFileSync } from "node:child_process";
import { projectOf } from "../adapters/gcp/clients.ts";
import { functionAddress } from "../contracts/google-names.ts";
import { Problem } from "../contracts/problem.ts";
import type { Settings } from "../contracts/settings/settings.ts";

/** An operator's request to the function `runs`, without the shop. */
export type RunsAction = { action: "start" | "cancel" | "rerun" | "backfill"; [field: string]: unknown };

/**
 * Asks the function `runs` of a shop's Google Cloud, with the token of the gcloud user.
 * @throws Problem when the shop is not on Google Cloud, no user is logged in, or the function
 * refuses.
 */
export async function askRuns(settings: Settings, request: RunsAction): Promise<Record<string, unknown>> {
  const doing = `Asking for ${request.action} of ${settings.shop}`;
  if (!settings.data.startsWith("gs://")) throw onThisMachine(doing, settings);
  const url = functionAddress({ ...settings, project: projectOf(settings) }, "runs");
  const response = await fetch(url, {
    method: "POST",
    headers: { authorization: `Bearer ${identityToken(doing)}`, "content-type": "application/json" },
    body: JSON.stringify({ shop: settings.shop, ...request }),
  }).catch((cause: Error) => {
    const next = "check the project, the region and functionsUrl in the settings file, and your network";
    throw new Problem({ doing, why: `${url} does not answer: ${cause.message}`, next, cause });
  });
  const answer = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  if (response.ok && !("error" in answer)) return answer;
  throw refusal(doing, response.status, answer["error"]);
}

function identityToken(doing: string): string {
  const given = process.env["STEAMER_IDENTITY_TOKEN"];
  if (given) return given;
  try {
    return execFileSync("gcloud", ["auth", "print-identity-token"], { encoding: "utf8" }).trim();
  } catch (cause) {
    const next = "log in with `gcloud auth login`, or set STEAMER_IDENTITY_TOKEN";
    throw new Problem({ doing, why: "gcloud gave no identity token", next, cause });
  }
}

function refusal(doing: string, status: number, error: unknown): Problem {
  if (typeof error === "object" && error !== null) return new Problem(error as Problem);
  const why = typeof error === "string" ? error : `it answered ${status}`;
  const denied = status === 401 || status === 403;
  const next = denied
    ? "ask who deploys it to add you to `operators` of the settings file"
    : "look at the function's log; `steamer runs` shows how the nights are";
  return new Problem({ doing, why, next });
}

function onThisMachine(doing: string, { shop }: Settings): Problem {
  const next = `name its bucket (--data gs://<bucket>, or the settings file by --config); on this machine run the night again: steamer nightly --shop ${shop}`;
  return new Problem({
    doing,
    why: "the shop is on this machine, where a night runs as long as its command",
    next,
  });
}
