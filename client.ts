/**
 * A typed client of the recommender, for browsers and servers. It needs nothing but fetch. Its
 * types come from the schemas with which the recommender checks requests.
 */
import type { EventsAnswer, EventsRequest } from "./contracts/http/attribution.ts";
import type { ModelAnswer, NeighboursAnswer, PopularAnswer } from "./contracts/http/catalogue.ts";
import type { HttpProblem } from "./contracts/http/http-problem.ts";
import type { PersonalAnswer } from "./contracts/http/personal.ts";
import type { RecommendationAnswer, RecommendationRequest } from "./contracts/http/recommendation.ts";
import type { ReviewAnswer, ReviewRequest, ReviewsAnswer } from "./contracts/http/reviews.ts";
import type { TableName } from "./contracts/tables.ts";

export type { EventsAnswer, EventsRequest, HttpProblem, ModelAnswer, NeighboursAnswer, PopularAnswer };
export type { PersonalAnswer, RecommendationAnswer, RecommendationRequest, TableName as ScenarioName };
export type { ReviewAnswer, ReviewRequest, ReviewsAnswer };

export interface ClientOptions {
  /** The recommender's base address; of several shops the shop's: `<address>/shops/<shop>`. */
  url: string;
  /** The API key, for access `keys`. Never send it to a browser: anybody can read it there. */
  key?: string;
  fetch?: typeof fetch;
}

/**
 * Options of one call. `AbortSignal.timeout(200)` ends a slow call, so that a page can render
 * without recommendations.
 */
export interface CallOptions {
  signal?: AbortSignal;
}

/** An error that the recommender answered. */
export class RecommenderError extends Error {
  readonly problem: HttpProblem;

  constructor(problem: HttpProblem) {
    super(`${problem.title}: ${problem.detail}`);
    this.name = "RecommenderError";
    this.problem = problem;
  }
}

export interface VisitQuery {
  n?: number;
  scope?: string;
  browsed?: string[];
  basket?: string[];
  purchased?: string[];
  /** What each result says of its item. */
  fields?: NonNullable<RecommendationRequest["fields"]>;
}

export interface Client {
  recommend(request: RecommendationRequest, options?: CallOptions): Promise<RecommendationAnswer>;
  /** For a user by id. Until their list is there: by what they do now, or popular items. */
  recommendTo(user: string, query?: VisitQuery, options?: CallOptions): Promise<PersonalAnswer>;
  sendEvents(events: EventsRequest["events"], options?: CallOptions): Promise<EventsAnswer>;
  neighbours(
    item: string,
    query?: { scenario?: TableName; n?: number },
    options?: CallOptions,
  ): Promise<NeighboursAnswer>;
  popular(
    query?: { category?: string; scope?: string; n?: number },
    options?: CallOptions,
  ): Promise<PopularAnswer>;
  currentModel(options?: CallOptions): Promise<ModelAnswer>;
  /**
   * @param key the same for each try of a review, such as crypto.randomUUID(): it is stored once
   */
  sendReview(review: ReviewRequest, key: string, options?: CallOptions): Promise<ReviewAnswer>;
  /** A review as it is now: the sentiment comes a while after it was sent. */
  review(review: string, options?: CallOptions): Promise<ReviewAnswer>;
  reviews(
    item: string,
    query?: { n?: number; cursor?: string },
    options?: CallOptions,
  ): Promise<ReviewsAnswer>;
}

const EVENTS = "/events";

/**
 * Browsers refuse a `keepalive` body of more than 64 KiB. Events are sent with `keepalive`, so that
 * a click is not lost when its page closes.
 */
const isKept = (body: string) => new TextEncoder().encode(body).length < 60_000;

/**
 * All calls throw RecommenderError when the recommender refuses. When it cannot be reached, they
 * throw the error of fetch.
 */
export function createClient({ url, key, fetch: ask = fetch }: ClientOptions): Client {
  const base = url.replace(/\/+$/, "");
  const headers = key === undefined ? {} : { "x-api-key": key };

  async function call<T>(
    path: string,
    { signal }: CallOptions = {},
    body?: unknown,
    more: Record<string, string> = {},
  ): Promise<T> {
    const text = JSON.stringify(body);
    const posted = { method: "POST", body: text, keepalive: path === EVENTS && isKept(text) };
    const response = await ask(base + path, {
      ...(body === undefined ? {} : posted),
      ...(signal ? { signal } : {}),
      headers: body === undefined ? headers : { ...headers, ...more, "content-type": "application/json" },
    });
    if (response.ok) return (await response.json()) as T;
    throw new RecommenderError(await problemOf(response));
  }

  return {
    recommend: (request, options) => call("/make_recommendation", options, request),
    recommendTo: (user, query, options) =>
      call(`/users/${encodeURIComponent(user)}/recommendations${parameters({ ...query })}`, options),
    sendEvents: (events, options) => call(EVENTS, options, { events }),
    neighbours: (item, query, options) =>
      call(`/items/${encodeURIComponent(item)}/neighbours${parameters(query)}`, options),
    popular: (query, options) => call(`/popular${parameters(query)}`, options),
    currentModel: (options) => call("/models/current", options),
    sendReview: (review, key, options) => call("/reviews", options, review, { "idempotency-key": key }),
    review: (review, options) => call(`/reviews/${encodeURIComponent(review)}`, options),
    reviews: (item, query, options) =>
      call(`/items/${encodeURIComponent(item)}/reviews${parameters(query)}`, options),
  };
}

function parameters(query: Record<string, string | number | string[] | undefined> = {}): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    // Ids may have commas: each stands alone. Names of fields are one text.
    if (Array.isArray(value) && name !== "fields") for (const id of value) given.append(name, id);
    else if (value !== undefined) given.set(name, `${value}`);
  return given.size > 0 ? `?${given}` : "";
}

/** Reads an error answer. A proxy in front of the recommender may refuse in another format. */
async function problemOf(response: Response): Promise<HttpProblem> {
  const text = await response.text();
  try {
    const problem = JSON.parse(text) as HttpProblem;
    if (typeof problem.detail === "string") return problem;
  } catch {
    // Not JSON: the text itself becomes the detail.
  }
  const { status, statusText } = response;
  return { type: "about:blank", title: statusText || "Error", status, detail: text.slice(0, 200) };
}
