import type { DemoItem } from "./catalogue.ts";
import type { Random } from "../../core/random.ts";

/** An event's visitor, as the start and the end of its line. */
export interface Visitor {
  deviceId: string;
  device: string;
  userId: string | undefined;
  country: string;
}

/** The share of damaged views: every real export has some. */
const DAMAGED = 1 / 1500;
const NOT_SET = '{"item_id":"(not set)","item_name":"(not set)","quantity":"1"}';
const EMPTY_ID = '{"item_id":"","item_name":"","quantity":"1"}';

/**
 * Writes a day's events as BigQuery exports GA4 to JSON: one event a line, INT64 as text, nested
 * items.
 */
export class EventLines {
  #text = "";
  #count = 0;
  readonly #date: string;
  readonly #items: string[];
  #who = "";
  #where = "";

  /** `day` is written like 20261031. */
  constructor(day: string, items: string[]) {
    this.#date = `{"event_date":"${day}","event_timestamp":"`;
    this.#items = items;
  }

  get count(): number {
    return this.#count;
  }

  get length(): number {
    return this.#text.length;
  }

  /** Hands out the lines written so far, and starts anew. */
  take(): string {
    const text = this.#text;
    this.#text = "";
    return text;
  }

  visitor({ deviceId, device, userId, country }: Visitor): void {
    const login = userId === undefined ? "" : `"user_id":"${userId}",`;
    this.#who = `"user_pseudo_id":"${deviceId}",${login}`;
    this.#where = `"device":{"category":"${device}"},"geo":{"country":"${country}"}`;
  }

  /** `time` in microseconds since 1970; items with their quantities. */
  add(name: string, time: number, items: number[], quantities: number[] = []): void {
    const nested = items.map((item, k) => `${this.#items[item]}"${quantities[k] ?? 1}"}`).join(",");
    this.#line(name, time, this.#who, nested);
  }

  /** A view, which once in a while comes out damaged. */
  addView(time: number, item: number, random: Random): void {
    if (!random.chance(DAMAGED)) return this.add("view_item", time, [item]);
    const kind = random.below(4);
    if (kind === 0) this.#line("view_item", time, this.#who, NOT_SET);
    else if (kind === 1) this.#line("view_item", time, this.#who, EMPTY_ID);
    else if (kind === 2) this.#line("view_item", time, '"user_pseudo_id":null,', `${this.#items[item]}"1"}`);
    else this.#cutLine("view_item", time, item);
  }

  #line(name: string, time: number, who: string, items: string): void {
    this.#text += `${this.#date}${time}","event_name":"${name}",${who}${this.#where},"items":[${items}]}\n`;
    this.#count++;
  }

  #cutLine(name: string, time: number, item: number): void {
    this.#text += `${this.#date}${time}","event_name":"${name}",${this.#who}"items":[${this.#items[item]}\n`;
    this.#count++;
  }
}

/** An item's JSON in events, up to its quantity. */
export function itemJson({ item, name, category, price }: DemoItem): string {
  const fields = { item_id: item, item_name: name, item_category: category, price };
  return `${JSON.stringify(fields).slice(0, -1)},"quantity":`;
}
