import { describe, expect, it } from "vitest";
import { dayLines, planShop } from "../../../cli/demo/days.ts";

interface Row {
  event_date: string;
  event_timestamp: string;
  event_name: string;
  user_pseudo_id: string | null;
  user_id?: string;
  items: { item_id: string; item_name: string; item_category: string; price: number; quantity: string }[];
}

const shop = planShop({ customers: 3000, items: 600, days: 9, lastDay: "2026-10-31", seed: 7 });
const lines = [...Array(9).keys()].flatMap((day) =>
  [...dayLines(shop, day, 1)].join("").trimEnd().split("\n"),
);
const rows = lines.map(parse).filter((row) => row !== undefined);

function parse(line: string): Row | undefined {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

describe("the events of a demo shop", () => {
  it("are rows as GA4 exports them, but for about one in 2,000 that is damaged", () => {
    const cut = lines.length - rows.length;
    const ids = rows.flatMap((row) => row.items.map(({ item_id }) => item_id));
    const notSet = ids.filter((id) => id === "(not set)").length;
    const empty = ids.filter((id) => id === "").length;
    const nobody = rows.filter((row) => row.user_pseudo_id === null).length;
    for (const kind of [cut, notSet, empty, nobody]) expect(kind).toBeGreaterThan(0);
    expect((cut + notSet + empty + nobody) / lines.length).toBeLessThan(0.001);
  });

  it("write whole numbers as text and nest the items", () => {
    const purchase = rows.find(({ event_name, items }) => event_name === "purchase" && items.length > 1);
    expect(purchase).toMatchObject({
      event_timestamp: expect.stringMatching(/^\d{16}$/),
      user_pseudo_id: expect.stringMatching(/^\d{10}\.\d{10}$/),
      device: { category: expect.stringMatching(/^(mobile|desktop|tablet)$/) },
      geo: { country: expect.any(String) },
    });
    expect(purchase!.items[0]).toEqual({
      item_id: expect.stringMatching(/^[a-z-]+-\d{3}$/),
      item_name: expect.any(String),
      item_category: expect.any(String),
      price: expect.any(Number),
      quantity: expect.stringMatching(/^\d+$/),
    });
  });

  it("are mostly the three that count", () => {
    const names = rows.map(({ event_name }) => event_name);
    const share = (...wanted: string[]) =>
      names.filter((name) => wanted.includes(name)).length / names.length;
    expect(share("view_item", "add_to_cart", "purchase")).toBeGreaterThan(0.75);
    for (const name of ["view_item_list", "page_view", "session_start"])
      expect(share(name)).toBeGreaterThan(0.01);
    expect(share("add_to_cart")).toBeLessThan(share("view_item"));
    expect(share("purchase")).toBeLessThan(share("add_to_cart"));
  });

  it("know some customers, some of them only later or on two devices", () => {
    const devices = new Map<string, Set<string | null>>();
    const logins = new Map<string | null, Set<boolean>>();
    for (const { user_id, user_pseudo_id } of rows) {
      if (user_id !== undefined)
        devices.set(user_id, (devices.get(user_id) ?? new Set()).add(user_pseudo_id));
      logins.set(user_pseudo_id, (logins.get(user_pseudo_id) ?? new Set()).add(user_id !== undefined));
    }
    expect(devices.size / logins.size).toBeGreaterThan(0.2);
    expect(devices.size / logins.size).toBeLessThan(0.5);
    expect([...devices.values()].filter((ids) => ids.size === 2).length).toBeGreaterThan(50);
    expect([...logins.values()].filter((states) => states.size === 2).length).toBeGreaterThan(50);
  });

  it("sell what is in the basket, and nothing goes into the basket unseen", () => {
    const seen = new Map<string, Set<string>>();
    let unseen = 0;
    let purchases = 0;
    for (const { event_name, event_date, user_pseudo_id, items } of rows) {
      const key = (step: string) => `${event_date} ${user_pseudo_id} ${step}`;
      const before = { add_to_cart: "view_item", purchase: "add_to_cart" }[event_name];
      if (event_name === "purchase") purchases++;
      for (const { item_id } of items) {
        if (before !== undefined && !seen.get(key(before))?.has(item_id)) unseen++;
        seen.set(key(event_name), (seen.get(key(event_name)) ?? new Set()).add(item_id));
      }
    }
    expect(purchases).toBeGreaterThan(500);
    // Only a view that came out damaged is missing.
    expect(unseen).toBeLessThan(20);
  });

  it("include a program that looks at thousands of products", () => {
    const views = new Map<string | null, number>();
    for (const { user_pseudo_id } of rows) views.set(user_pseudo_id, (views.get(user_pseudo_id) ?? 0) + 1);
    const counts = [...views.values()].toSorted((a, b) => b - a);
    expect(counts[0]).toBeGreaterThan(1000);
    expect(counts[1]).toBeLessThan(500);
  });
});
