/**
 * What a visitor has done, kept as long as the browser's tab; and what became of what they were
 * shown.
 */
import { sendEvents } from "./api.js";

/** @typedef {import("../../../contracts/http/attribution.ts").Attributed} Attributed */
/** @typedef {"browsed" | "basket" | "purchased"} ListName */

/** Each shop has pages, and visits, of its own. */
const KEY = `steamer-visit ${location.pathname}`;
const LONGEST = 50;

/**
 * A customer of the shop, or nobody that it knows: then the visit has a name of its own.
 * @type {{ user: string | null, visitor: string }}
 */
export const who = { user: null, visitor: newName() };

function newName() {
  return `visitor-${crypto.randomUUID()}`;
}

/** Another person begins another visit. @param {string | null} user */
export function become(user) {
  Object.assign(who, { user, visitor: newName() });
  forget();
}

/** The latest last. @type {Record<ListName, string[]>} */
export const visit = { browsed: [], basket: [], purchased: [] };
/** For each item, the token of the answer it was last chosen from. @type {Map<string, string>} */
const tokens = new Map();

/** Goes on with the visit of this tab. */
export function resume() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "{}");
    for (const list of /** @type {ListName[]} */ (Object.keys(visit))) visit[list] = kept[list] ?? [];
    for (const [item, token] of kept.tokens ?? []) tokens.set(item, token);
    Object.assign(who, kept.who ?? {});
  } catch {
    forget();
  }
}

export function forget() {
  for (const list of /** @type {ListName[]} */ (Object.keys(visit))) visit[list] = [];
  tokens.clear();
  keep();
}

function keep() {
  sessionStorage.setItem(KEY, JSON.stringify({ ...visit, tokens: [...tokens], who }));
}

/** @param {ListName} list @param {string} item */
function append(list, item) {
  visit[list] = [...visit[list].filter((other) => other !== item), item].slice(-LONGEST);
}

/** @param {string} item */
export function look(item) {
  append("browsed", item);
  keep();
}

/** @param {string} item @param {string} [token] of the answer that showed it */
export function putIn(item, token) {
  append("basket", item);
  if (token !== undefined) tokens.set(item, token);
  keep();
  tell("add_to_cart", [item], tokens.get(item));
}

/** @param {string} item */
export function takeOut(item) {
  visit.basket = visit.basket.filter((other) => other !== item);
  keep();
}

export function buy() {
  for (const item of visit.basket) {
    tell("purchase", [item], tokens.get(item));
    append("purchased", item);
  }
  visit.basket = [];
  keep();
}

/** @param {readonly string[]} items @param {string} token */
export const shown = (items, token) => tell("impression", items, token);

/** @param {string} item @param {string} token */
export function click(item, token) {
  tokens.set(item, token);
  keep();
  tell("click", [item], token);
}

/** @param {Attributed} event @param {readonly string[]} items @param {string} [token] */
function tell(event, items, token) {
  if (token === undefined) return;
  sendEvents(items.map((item) => ({ id: crypto.randomUUID(), event, item, token })));
}
