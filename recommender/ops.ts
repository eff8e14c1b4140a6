import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import Fastify, { type FastifyBaseLogger } from "fastify";
import { isLoopback, requireOwnName } from "./access.ts";
import type { App } from "./app.ts";
import type { CurrentModel } from "./current-model.ts";
import { addSecurityHeaders } from "./headers.ts";
import type { Measures } from "./measures.ts";
import { answerWithProblems } from "./problems.ts";
import { addCatalogue } from "./routes/catalogue.ts";
import { addOperatorPages, type Pages } from "./routes/page.ts";

export interface OpsOptions {
  measures: Measures;
  model: CurrentModel;
  pages: Pages;
  log: FastifyBaseLogger;
}

/**
 * What operators see, on a listener of its own: GET /metrics, in Prometheus' text format; the operator's page, and the routes of
 * the catalogue, which it asks. There is no key here: who can reach it may ask.
 */
export function buildOps({ measures, model, pages, log }: OpsOptions): App {
  const ops: App = Fastify({
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false } },
  }).withTypeProvider<TypeBoxTypeProvider>();
  ops.setSerializerCompiler(() => JSON.stringify);
  answerWithProblems(ops, log);
  addSecurityHeaders(ops);
  if (isLoopback(pages.settings.opsHost)) requireOwnName(ops, { origins: [] });
  ops.get("/metrics", (_request, reply) =>
    reply.type("text/plain; version=0.0.4; charset=utf-8").send(measures.text()),
  );
  addCatalogue(ops, { model });
  addOperatorPages(ops, { model }, pages);
  return ops;
}
