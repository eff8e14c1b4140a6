import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Shop } from "./shop.ts";

const DATA = process.env["STEAMER_TEST_DATA"] ?? join(import.meta.dirname, "../../../../../shared/data");
const RETAIL_ROCKET = join(DATA, "retail_rocket_events.csv.gz");
const ONLINE_RETAIL = join(DATA, "online_retail.csv.gz");

async function people(shop: Shop) {
  const rows = await shop.interactions();
  return {
    users: new Set(rows.map(({ user }) => user)).size,
    items: new Set(rows.map(({ item }) => item)).size,
  };
}

/** The first visitor is called 0. */
const FIRST = { 0: "id" } as const;

describe("RetailRocket, as it is", () => {
  it.skipIf(!existsSync(RETAIL_ROCKET))("gives every event, user and item", async () => {
    using shop = new Shop();
    const result = await shop.export({ events: [RETAIL_ROCKET], missingIds: FIRST, rejectLimit: 0.01 });
    expect(result).toMatchObject({ rows: 97_381, interactions: 97_381, rejected: {}, warnings: [] });
    expect(result).toMatchObject({ firstDay: "2015-05-03", lastDay: "2015-09-18" });
    expect(await people(shop)).toEqual({ users: 2174, items: 29_905 });
  });

  it.skipIf(!existsSync(RETAIL_ROCKET))("gives the last 30 days", async () => {
    using shop = new Shop();
    const result = await shop.export({
      events: [RETAIL_ROCKET],
      missingIds: FIRST,
      rejectLimit: 0.01,
      days: 30,
    });
    expect(result).toMatchObject({ firstDay: "2015-08-20", interactions: 16_747, outsideWindow: 80_634 });
  });
});

describe("Online Retail, as it is", () => {
  it.skipIf(!existsSync(ONLINE_RETAIL))("leaves guests and cancellations out, and counts them", async () => {
    using shop = new Shop();
    const result = await shop.export({ events: [ONLINE_RETAIL], rejectLimit: 0.01 });
    expect(result).toMatchObject({
      rows: 541_909,
      interactions: 397_924,
      rejected: { no_user: 135_080, cancelled: 8905 },
      firstDay: "2010-12-01",
      lastDay: "2011-12-09",
    });
    expect(await people(shop)).toEqual({ users: 4339, items: 3665 });
    expect(await shop.items()).toContainEqual(
      expect.objectContaining({ item: "85123A", name: "WHITE HANGING HEART T-LIGHT HOLDER", price: 2.55 }),
    );
    expect((await shop.interactions())[0]!.user).toMatch(/^\d{5}\.0$/);
  });

  it.skipIf(!existsSync(ONLINE_RETAIL))("gives the last 30 days, Sundays and holidays apart", async () => {
    using shop = new Shop();
    const result = await shop.export({ events: [ONLINE_RETAIL], rejectLimit: 0.01, days: 30 });
    expect(result).toMatchObject({ firstDay: "2011-11-10", lastDay: "2011-12-09", interactions: 64_285 });
    expect(result.days).toHaveLength(26);
  });
});
