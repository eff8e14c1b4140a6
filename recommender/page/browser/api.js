/**
 * Asks the recommender: its public API, and the few routes that only pages have. Addresses are
 * those beside the page's own, which belong to its shop.
 */

/** @typedef {import("../../../contracts/http/catalogue.ts").NeighboursAnswer} NeighboursAnswer */
/** @typedef {import("../../../contracts/http/pages.ts").ItemsAnswer} ItemsAnswer */
/** @typedef {import("../../../contracts/http/pages.ts").NightsAnswer} NightsAnswer */
/** @typedef {import("../../../contracts/http/pages.ts").ShopAnswer} ShopAnswer */
/** @typedef {import("../../../contracts/http/pages.ts").ShopsAnswer} ShopsAnswer */
/** @typedef {import("../../../contracts/http/recommendation.ts").RecommendationAnswer} RecommendationAnswer */
/** @typedef {import("../../../contracts/http/recommendation.ts").RecommendationRequest} RecommendationRequest */
/** @typedef {import("../../../contracts/http/personal.ts").PersonalAnswer} PersonalAnswer */
/** @typedef {import("../../../contracts/http/attribution.ts").EventsRequest["events"]} Events */
/** @typedef {import("../../../contracts/http/pages.ts").ReviewsStateAnswer} ReviewsStateAnswer */
/** @typedef {import("../../../contracts/http/reviews.ts").ReviewAnswer} Review */
/** @typedef {import("../../../contracts/http/reviews.ts").ReviewRequest} ReviewRequest */
/** @typedef {import("../../../contracts/http/reviews.ts").ReviewsAnswer} ReviewsAnswer */
/** @typedef {import("../../../contracts/tables.ts").TableName} TableName */
/** @typedef {ItemsAnswer["items"][number]} Item */

/** A refusal of the recommender, in its words. */
export class Refused extends Error {
  /**
   * @param {number} status
   * @param {string} detail
   * @param {number | null} [retryAfter] seconds after which another try may do
   */
  constructor(status, detail, retryAfter = null) {
    super(detail);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/**
 * @param {string} address
 * @param {unknown} [body]
 * @param {Record<string, string>} [headers]
 * @returns {Promise<any>}
 */
async function ask(address, body, headers) {
  const posted = {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
    keepalive: true,
  };
  const response = await fetch(address, body === undefined ? {} : posted).catch(() => {
    throw new Refused(0, "the recommender does not answer");
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) {
    const after = response.headers.get("retry-after");
    const detail = answer.detail ?? response.statusText;
    throw new Refused(response.status, detail, after === null ? null : Number(after));
  }
  return answer;
}

/** @returns {Promise<ShopAnswer>} */
export const getShop = () => ask("./page/shop");

/** @returns {Promise<ShopsAnswer>} */
export const getShops = () => ask("./page/shops");

/** @returns {Promise<NightsAnswer>} */
export const getNights = () => ask("./page/nights");

/** @returns {Promise<ReviewsStateAnswer>} */
export const getReviewsState = () => ask("./page/reviews");

/** @param {string} item @param {number} n @param {string} [cursor] @returns {Promise<ReviewsAnswer>} */
export function getReviews(item, n, cursor) {
  const given = new URLSearchParams({ n: `${n}`, ...(cursor === undefined ? {} : { cursor }) });
  return ask(`./items/${encodeURIComponent(item)}/reviews?${given}`);
}

/** @param {ReviewRequest} review @param {string} key makes a repeated call safe @returns {Promise<Review>} */
export const sendReview = (review, key) => ask("./reviews", review, { "idempotency-key": `"${key}"` });

/** @param {RecommendationRequest} request @returns {Promise<RecommendationAnswer>} */
export const recommend = (request) => ask("./make_recommendation", request);

/**
 * Recommendations for a user, who now does what the lists say.
 * @param {string} user
 * @param {{ n: number, scope?: string | undefined, browsed: string[], basket: string[], purchased: string[] }} asked
 * @returns {Promise<PersonalAnswer>}
 */
export function recommendTo(user, { n, scope, ...lists }) {
  const given = new URLSearchParams({ n: `${n}` });
  if (scope !== undefined) given.set("scope", scope);
  for (const [name, items] of Object.entries(lists)) if (items.length > 0) given.set(name, items.join(","));
  return ask(`./users/${encodeURIComponent(user)}/recommendations?${given}`);
}

/** @param {string} item @param {TableName} scenario @param {number} n @returns {Promise<NeighboursAnswer>} */
export const getNeighbours = (item, scenario, n) =>
  ask(`./items/${encodeURIComponent(item)}/neighbours?scenario=${scenario}&n=${n}`);

/** @param {string} search @param {string} [category] @returns {Promise<Item[]>} */
export async function findItems(search, category) {
  const given = new URLSearchParams({ search, n: "24", ...(category === undefined ? {} : { category }) });
  return (await ask(`./page/items?${given}`)).items;
}

/** @type {Map<string, Item>} */
const known = new Map();

/**
 * Catalogue details of these items, asked for once.
 * @param {readonly string[]} ids
 * @returns {Promise<Item[]>}
 */
export async function describe(ids) {
  const missing = [...new Set(ids)].filter((id) => !known.has(id));
  for (let from = 0; from < missing.length; from += 100) {
    const given = new URLSearchParams(missing.slice(from, from + 100).map((id) => ["item", id]));
    const { items } = /** @type {ItemsAnswer} */ (await ask(`./page/items?${given}`));
    for (const item of items) known.set(item.item, item);
  }
  return ids.map((id) => /** @type {Item} */ (known.get(id)));
}

/**
 * Tells what became of results. A page works as well without, so nobody waits for it.
 * @param {Events} events
 */
export function sendEvents(events) {
  if (events.length > 0) ask("./events", { events }).catch(() => {});
}
