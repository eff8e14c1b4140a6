import { describe, expect, it } from "vitest";
import { memoryObjects } from "../night/shop.ts";
import { publishSnapshot } from "../published.ts";
import { BROWSER, expectGood, useBrowser } from "./browser.ts";
import { campSnapshot } from "./camp.ts";

describe.skipIf(!BROWSER)("the pages of several shops in a browser", () => {
  const objects = memoryObjects();
  const tab = useBrowser(objects, { shops: ["toys", "books", "cars"] });

  it("lead from one to the other, each with a visit of its own", async () => {
    await publishSnapshot(objects, "2026-11-19.1", campSnapshot(), "books");
    await tab.server.refresh();
    const page = await tab.open(tab.server.url);
    await page.getByRole("row", { name: "cars no model yet" }).waitFor();
    await expectGood(page);
    await page.getByRole("link", { name: "toys" }).click();
    await page.getByRole("link", { name: "name of tent" }).first().click();
    await page.getByRole("button", { name: "Add to basket" }).click();
    await expect.poll(() => page.locator("#in-basket").textContent()).toBe("1");
    await page.getByRole("link", { name: "All shops" }).click();
    await page.getByRole("link", { name: "books" }).click();
    await page.getByRole("heading", { level: 1, name: "Welcome" }).waitFor();
    expect(await page.locator("#in-basket").textContent()).toBe("0");
    expect(await page.title()).toBe("Welcome · books");
    await page.getByRole("link", { name: "Operator" }).click();
    await page.getByText("2026-11-19.1").first().waitFor();
    await page.getByRole("link", { name: "Storefront" }).click();
    await page.getByRole("heading", { level: 1, name: "Welcome" }).waitFor();
  });

  it("are operators' pages alone on their listener", async () => {
    const page = await tab.open(tab.server.opsUrl!);
    await page.getByRole("row", { name: "toys 2026-11-20.1 Operator" }).getByRole("link").click();
    await page.getByRole("heading", { level: 1, name: "Nights and models" }).waitFor();
    await expect.poll(() => page.title()).toBe("toys · operator");
  });
});
