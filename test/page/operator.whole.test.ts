import { describe, expect, it } from "vitest";
import { rollback } from "../../night/state/pointer.ts";
import { memoryObjects } from "../night/shop.ts";
import { publishSnapshot } from "../published.ts";
import { BROWSER, expectGood, useBrowser } from "./browser.ts";
import { campSnapshot, HOSTILE } from "./camp.ts";

describe.skipIf(!BROWSER)("the operator's page in a browser", () => {
  const objects = memoryObjects();
  const tab = useBrowser(objects);

  const opened = async (url = `${tab.server.opsUrl}/`, options = {}) => {
    await tab.open(url, options);
    await tab.page.getByRole("heading", { name: "Last nights" }).waitFor();
    return tab.page;
  };
  const region = (name: string) => tab.page.getByRole("region", { name });
  const lookUp = async (words: string) => {
    await tab.page.getByLabel("Item: words of its name, or its id").fill(words);
    await tab.page.keyboard.press("Enter");
  };
  const rows = () => tab.page.getByRole("table").locator("tbody tr").allTextContents();

  it("shows the current model, what is taken down, and the nights with their stages and failures", async () => {
    const page = await opened();
    const model = region("Current model");
    await expect.poll(() => model.textContent()).toContain("Model2026-11-20.1Last day2026-11-20Items25");
    await model.getByText("1 item is taken down").click();
    expect(await model.textContent()).toContain("mug-3 recalled <b>by</b> its maker");
    const nights = region("Last nights").locator(".nights > li");
    expect((await nights.allTextContents()).map((text) => text.slice(0, 16))).toEqual([
      "2026-11-21.1died",
      "2026-11-20.1done",
      "2026-11-19.1done",
      "2026-11-18.1fail",
      "2026-11-17.1done",
    ]);
    const failed = page.getByRole("list", { name: "Stages of 2026-11-18.1" });
    expect(await failed.getByRole("listitem").allTextContents()).toEqual([
      "export1 min 30 s1,234 events",
      "similarity1 min 30 s400 neighbours",
      "load1 min 30 s25 items",
      "publishfailedattempt 2",
    ]);
    expect(await nights.nth(3).textContent()).toContain("Next: look at <i>these</i> days");
    expect(await nights.nth(2).textContent()).toContain("coverage 90 %, overlap 60 %");
    expect(await page.getByRole("link", { name: "Metrics" }).getAttribute("href")).toBe("/metrics");
    expect(await page.getByRole("link", { name: "Storefront" }).count()).toBe(0);
  });

  it("plots quality over time, a dot for each night that measured it", async () => {
    const page = await opened();
    const shares = page.getByRole("img", { name: /^Shares, 3 nights, latest: coverage.* 16 %.* 80 %$/ });
    await shares.waitFor();
    expect(await shares.locator(".first circle").count()).toBe(3);
    expect(await shares.locator(".second circle title").allTextContents()).toEqual([
      "2026-11-19.1: overlap with the model before 60 %",
      "2026-11-20.1: overlap with the model before 80 %",
    ]);
    const heights = await shares
      .locator(".first circle")
      .evaluateAll((dots) => dots.map((dot) => Number(dot.getAttribute("cy"))));
    // 70, 90 and 16 %: the higher, the nearer to the top.
    expect([...heights.keys()].sort((a, b) => heights[a] - heights[b])).toEqual([1, 0, 2]);
  });

  it("plots how well the models that served found what was bought, with standard errors", async () => {
    await opened();
    const name =
      /^Hindsight: what was bought, NDCG@10, 2 nights, latest: the model that served 0.240, most popular 0.050$/;
    const plot = region("Quality over time").getByRole("img", { name });
    await plot.waitFor();
    expect(await plot.locator(".first circle title").allTextContents()).toEqual([
      "2026-11-19: the model that served 0.310 ± 0.020",
      "2026-11-20: the model that served 0.240 ± 0.020",
    ]);
    expect(await plot.locator(".first .error").count()).toBe(2);
    await tab.page.getByRole("img", { name: /^Click-through, 2 nights, latest: .* 3.1 %$/ }).waitFor();
  });

  it("finds an item by its words or id, and shows its neighbours with scores in both tables", async () => {
    const page = await opened();
    await lookUp("name TENT");
    await expect
      .poll(rows)
      .toEqual([
        "1name of domedomeTents80.000.5000",
        `2name of ${HOSTILE}${HOSTILE}<b>bold</b> & "loud"1.000.2500`,
      ]);
    await page.getByLabel("together").click();
    await expect.poll(rows).toEqual(["1name of stovestoveKitchen30.000.4000"]);
    await lookUp("mug");
    await page.getByRole("button", { name: /mug-1$/ }).click();
    await page.getByText("It has no neighbours in the table “together”.").waitFor();
    await lookUp(HOSTILE);
    await page.getByRole("heading", { level: 3, name: HOSTILE }).waitFor();
    await lookUp("flying carpet");
    await page.getByText("No item has these words.").waitFor();
    // The browser itself notes that there is no such id.
    expect(tab.errors.splice(0)).toHaveLength(1);
    // What is taken down is in no list, but can be looked at.
    await lookUp("mug-3");
    await page.getByRole("heading", { level: 3, name: "name of mug-3" }).waitFor();
  });

  it.each(["light", "dark"] as const)("is accessible and fits a telephone, in %s", async (colorScheme) => {
    for (const width of [1280, 360]) {
      const page = await opened(undefined, { colorScheme, viewport: { width, height: 740 } });
      await page.getByText("1 item is taken down").click();
      await expectGood(page);
      await lookUp("mug");
      await page.getByRole("button", { name: "mug-19" }).waitFor();
      await expectGood(page);
      await lookUp("tent");
      await page.getByRole("table").waitFor();
      await expectGood(page);
      if (width === 1280) await page.context().close();
    }
  });

  it("is there in local use too, and says when models are held", async () => {
    await publishSnapshot(objects, "2026-11-22.1", campSnapshot());
    const reason = "prices were <wrong>";
    await rollback(objects, {
      shop: "toys",
      model: "2026-11-20.1",
      reason,
      now: new Date("2026-11-22T09:00Z"),
    });
    const page = await opened(`${tab.server.url}/operator`);
    await page.getByText("On hold since 2026-11-22 09:00 UTC: prices were <wrong>.").waitFor();
    await expectGood(page);
    await page.getByRole("link", { name: "Storefront" }).click();
    await page.getByRole("heading", { level: 1, name: "Welcome" }).waitFor();
    await page.getByRole("link", { name: "Operator" }).click();
    await region("Current model").waitFor();
  });
});
