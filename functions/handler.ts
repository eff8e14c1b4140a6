import type { Request, Response } from "@google-cloud/functions-framework";
import type { Static, TSchema } from "typebox";
import { Value } from "typebox/value";
import { functionAddress, type FunctionName, type OPTIONAL_FUNCTIONS } from "../contracts/google-names.ts";
import { Problem } from "../contracts/problem.ts";
import type { Settings } from "../contracts/settings/settings.ts";
import { callerOf, checkAudience, Refused } from "./caller.ts";
import { keptFor } from "./kept.ts";
import { createLog, traceIn, type Log, type LogFields } from "./log.ts";
import { settingsOfShop } from "./settings.ts";

/** A request after its checks. */
export interface Call<Body> {
  body: Body;
  /** The settings of the shop that the body names. */
  settings: Settings;
  log: Log;
  caller: string;
}

export interface Endpoint<S extends TSchema> {
  name: FunctionName | (typeof OPTIONAL_FUNCTIONS)[number];
  schema: S;
  /** The accounts that may call, beside Cloud Run's own check; absent: all that it lets in. */
  callers?: (env: NodeJS.ProcessEnv) => string[];
  work: (call: Call<Static<S> & { shop: string }>) => Promise<unknown>;
  /**
   * The answer to a Problem. `drop`: the same delivery would only meet it again. `show`: the caller
   * can mend it.
   */
  problems: "drop" | "show";
  /** What the log says of a Problem beside its message, for alarms to count. */
  failure?: LogFields;
  /** Seconds for which a shop's settings are kept, where they would be read too often otherwise. */
  settingsSeconds?: number;
}

/** Failed for now: the queue delivers the request again, and slows down meanwhile. */
export class Later extends Error {
  readonly fields: LogFields;

  constructor(message: string, fields: LogFields) {
    super(message);
    this.name = "Later";
    this.fields = fields;
  }
}

/**
 * Turns an endpoint into an HTTP function: POST, a token, a body that fits the schema. Any error
 * but a Problem is answered with 500, so that Cloud Tasks and Cloud Scheduler deliver the request
 * again.
 */
export function handlerOf<S extends TSchema>(endpoint: Endpoint<S>, env: NodeJS.ProcessEnv) {
  const settingsOf = keptFor(endpoint.settingsSeconds ?? 0, (shop) => settingsOfShop(env, shop));
  return async (request: Request, response: Response): Promise<void> => {
    const trace = traceIn((name) => request.header(name), env["STEAMER_PROJECT"]);
    let log = createLog({ function: endpoint.name }, trace);
    try {
      if (request.method !== "POST") return answer(response, 405, "POST is the only method");
      const caller = callerOf(request.header("authorization"), endpoint.callers?.(env), new Date());
      const why = misfit(endpoint.schema, request.body);
      if (why) return answer(response, 400, why);
      const body = request.body as Static<S> & { shop: string };
      log = createLog({ function: endpoint.name, ...namesIn(body) }, trace);
      const settings = await settingsOf(body.shop);
      // People have tokens for gcloud.
      if (endpoint.callers) checkAudience(caller, addressOf(endpoint.name, settings));
      response.json(await endpoint.work({ body, settings, log, caller: caller.email }));
    } catch (error) {
      if (error instanceof Refused) return answer(response, error.status, error.message);
      if (error instanceof Later) {
        log("WARNING", error.message, error.fields);
        return answer(response, 503, "it failed, and may be tried again; the log says why");
      }
      if (!(error instanceof Problem)) {
        log("WARNING", `failed, and will be delivered again: ${(error as Error)?.stack ?? error}`);
        return answer(response, 500, "it failed; the log says why");
      }
      log("ERROR", error.message, endpoint.failure);
      const { doing, why, next } = error;
      response.status(endpoint.problems === "drop" ? 200 : 409).json({ error: { doing, why, next } });
    }
  };
}

const addressOf = (name: string, { project = "", ...place }: Settings) =>
  functionAddress({ ...place, project }, name);

function answer(response: Response, status: number, error: string): void {
  response.status(status).json({ error });
}

/** The first error of a body, with its field; null if it fits. */
function misfit(schema: TSchema, body: unknown): string | null {
  const [error] = Value.Errors(variantOf(schema, body), body);
  if (!error) return null;
  const { additionalProperties: unknown, allowedValues } = error.params as Record<
    string,
    string[] | undefined
  >;
  const detail = unknown ?? allowedValues;
  return `the body does not fit: ${error.instancePath || "it"} ${error.message}${detail ? `: ${detail.join(", ")}` : ""}`;
}

/** Of several schemas the one with the body's action. Its errors say more than that none fits. */
function variantOf(schema: TSchema, body: unknown): TSchema {
  const variants = (schema as { anyOf?: { properties: { action: { const: string } } }[] }).anyOf;
  const action = (body as { action?: unknown } | null)?.action;
  return (
    (variants?.find(({ properties }) => properties.action.const === action) as TSchema | undefined) ?? schema
  );
}

function namesIn(body: unknown): { shop?: string; run?: string; stage?: string } {
  const { shop, run, stage } = body as Record<string, string | undefined>;
  return { ...(shop ? { shop } : {}), ...(run ? { run } : {}), ...(stage ? { stage } : {}) };
}
