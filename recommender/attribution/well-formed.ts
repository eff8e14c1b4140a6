import type { FastifyRequest, FastifySchemaValidationError } from "fastify";
import { AttributionEvent, MOST_EVENTS, type EventsAnswer } from "../../contracts/http/attribution.ts";
import { faultOf, type Described } from "../http/schema-fault.ts";

interface Sorted {
  events: AttributionEvent[];
  refused: EventsAnswer["refused"];
}

/**
 * The events of a request that fit the schema, and what is wrong with the others.
 * @param request whose fault in the schema is attached, if it has one
 * @throws that fault when no event fits, or it is not an event's.
 */
export function wellFormed(request: FastifyRequest): Sorted {
  const body = request.body as { events?: unknown };
  const fault = request.validationError;
  if (!fault) return { events: body.events as AttributionEvent[], refused: [] };
  const { events } = body ?? {};
  if (!Array.isArray(events) || events.length > MOST_EVENTS) throw fault;
  const fits = request.compileValidationSchema(AttributionEvent);
  const sorted: Sorted = { events: [], refused: [] };
  for (const event of events as unknown[])
    if (fits(event)) sorted.events.push(event as AttributionEvent);
    else sorted.refused.push({ id: idOf(event), reason: reasonOf(event, fits.errors![0]) });
  const isWhole = request.getValidationFunction("body")!;
  if (sorted.events.length === 0 || !isWhole({ ...body, events: sorted.events })) throw fault;
  return sorted;
}

const reasonOf = (event: unknown, error: FastifySchemaValidationError) =>
  faultOf(error, { part: "event", schema: AttributionEvent as Described, whole: event }).detail;

/** Its id as it is, if it has one that could be shown. */
function idOf(event: unknown): string {
  const { id } = (event ?? {}) as { id?: unknown };
  return typeof id === "string" ? id.slice(0, 64) : "";
}
