import { describe, expect, it } from "vitest";
import { serve } from "../../recommender/server.ts";
import { memoryObjects, settingsWith } from "../night/shop.ts";
import { temporaryFolder } from "../temporary.ts";
import { BROWSER, expectGood, useBrowser } from "./browser.ts";
import { HOSTILE } from "./camp.ts";

describe.skipIf(!BROWSER)("the storefront in a browser", () => {
  const objects = memoryObjects();
  const tab = useBrowser(objects, { docs: true });

  const opened = (path = "/", options = {}) => tab.open(`${tab.server.url}${path}`, options);
  const shelf = (title: string) => tab.page.getByRole("region", { name: title });
  /** Names of the products of a shelf, in its order. */
  const names = (title: string) => shelf(title).getByRole("link").allTextContents();
  const counted = async (event: string, source = "model") => {
    const text = await (await fetch(`${tab.server.opsUrl}/metrics`)).text();
    const lines = text.split("\n").filter((line) => line.startsWith("steamer_attribution_total"));
    const found = lines.filter((line) => line.includes(`"${event}"`) && line.includes(`"${source}"`));
    return found.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
  };

  it("shows what is popular, and of a product what others liked, because of what", async () => {
    const page = await opened();
    await shelf("Popular").waitFor();
    expect((await names("Popular")).slice(0, 3)).toEqual(["name of tent", "name of stove", "name of gas"]);
    expect(await names("Popular")).not.toContain("name of mug-3");
    await shelf("Popular").getByRole("link", { name: "name of tent" }).click();
    await page.getByRole("heading", { level: 1, name: "name of tent" }).waitFor();
    expect((await names("Others liked")).slice(0, 2)).toEqual(["name of dome", `name of ${HOSTILE}`]);
    const first = shelf("Others liked").getByRole("listitem").first();
    expect(await first.textContent()).toContain("because you looked at name of tent");
    expect(await shelf("Others liked").getByRole("listitem").last().textContent()).toContain("popular in");
    const near = shelf("Closest to it").getByRole("listitem");
    expect(await near.first().textContent()).toBe("name of domeTents80.00score 0.500");
    expect(await page.title()).toBe("name of tent · toys");
    await page.goBack();
    await page.getByRole("heading", { level: 1, name: "Welcome" }).waitFor();
    expect((await names("For you"))[0]).toBe("name of dome");
  });

  it("changes what goes together with the basket, and leaves out what was bought", async () => {
    const page = await opened("/#/item/tent");
    await page.getByRole("button", { name: "Add to basket" }).click();
    await shelf("Goes together").waitFor();
    expect((await names("Goes together"))[0]).toBe("name of stove");
    const reason = shelf("Goes together").getByRole("listitem").first();
    expect(await reason.textContent()).toContain("because your basket has name of tent");
    await page.getByRole("button", { name: "Add name of stove" }).click();
    await expect.poll(async () => (await names("Goes together"))[0]).toBe("name of gas");
    expect(await shelf("Basket").textContent()).toContain("Total150.00");
    await page.getByRole("button", { name: "Remove name of tent" }).click();
    await expect.poll(() => names("Basket")).toEqual(["name of stove"]);
    await page.reload();
    await expect.poll(() => names("Basket")).toEqual(["name of stove"]);
    await page.getByRole("button", { name: "Buy" }).click();
    await expect.poll(() => shelf("Basket").textContent()).toContain("Nothing was charged");
    await page.goto(`${tab.server.url}/#/`);
    await page.getByRole("heading", { level: 1, name: "Welcome" }).waitFor();
    expect(await names("For you")).not.toContain("name of stove");
  });

  it("tells the recommender what became of its results", async () => {
    const events = ["impression", "click", "add_to_cart", "purchase"];
    const before = await Promise.all(events.map((event) => counted(event)));
    const page = await opened("/#/item/tent");
    await shelf("Others liked").getByRole("link", { name: "name of dome" }).click();
    await page.getByRole("heading", { level: 1, name: "name of dome" }).waitFor();
    await page.getByRole("button", { name: "Add to basket" }).click();
    await page.getByRole("button", { name: "Buy" }).click();
    await expect.poll(() => counted("purchase")).toBe(before[3] + 1);
    expect(await counted("click")).toBe(before[1] + 1);
    expect(await counted("add_to_cart")).toBe(before[2] + 1);
    expect(await counted("impression")).toBeGreaterThan(before[0]);
    expect(await counted("impression", "popular_in_category")).toBeGreaterThan(0);
  });

  it("finds products by words and by category", async () => {
    const page = await opened();
    await page.getByRole("searchbox").fill("MUG 1");
    await page.keyboard.press("Enter");
    await shelf("Found").waitFor();
    expect(await names("Found")).toContain("name of mug-1");
    expect(await names("Found")).not.toContain("name of mug-2");
    await page.getByRole("searchbox").fill("flying carpet");
    await page.keyboard.press("Enter");
    await page.getByText("No product has these words.").waitFor();
    await page.getByRole("link", { name: "Kitchen", exact: true }).click();
    await page.getByRole("heading", { level: 1, name: "Kitchen" }).waitFor();
    expect(await names("Popular")).toEqual(["name of stove", "name of gas"]);
  });

  it("shows names as they are, whatever they hold", async () => {
    const page = await opened();
    await shelf("Popular").getByRole("link", { name: HOSTILE }).click();
    await page.getByRole("heading", { level: 1, name: `name of ${HOSTILE}` }).waitFor();
    await page.getByRole("button", { name: "Add to basket" }).click();
    await expect.poll(() => names("Basket")).toEqual([`name of ${HOSTILE}`]);
    await page.getByRole("link", { name: `<b>bold</b> & "loud"` }).first().click();
    await page.getByRole("heading", { level: 1, name: `<b>bold</b> & "loud"` }).waitFor();
    expect(await page.locator("main img, main b, aside img, aside b").count()).toBe(0);
  });

  it("is used by the keyboard alone", async () => {
    const page = await opened();
    await shelf("Popular").waitFor();
    const focused = () => page.evaluate("document.activeElement.textContent") as Promise<string>;
    const tabTo = async (text: string) => {
      for (let presses = 0; presses < 60 && (await focused()) !== text; presses++)
        await page.keyboard.press("Tab");
      expect(await focused()).toBe(text);
    };
    await tabTo("name of tent");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "name of tent" }).waitFor();
    await expect.poll(focused).toBe("name of tent");
    await tabTo("Add to basket");
    await page.keyboard.press("Enter");
    await expect.poll(focused).toBe("In the basket ✓");
    await expect.poll(() => page.getByRole("status").textContent()).toBe("The basket has 1 product.");
    await shelf("Goes together").waitFor();
    await tabTo("Remove");
    await page.keyboard.press("Enter");
    await expect.poll(focused).toBe("Basket");
    expect(await shelf("Basket").textContent()).toContain("It is empty");
    await page.keyboard.press("Shift+Tab");
    expect(await focused()).not.toBe("Basket");
  });

  it.each(["light", "dark"] as const)("is accessible and fits a telephone, in %s", async (colorScheme) => {
    for (const width of [1280, 360]) {
      const page = await opened("/", { colorScheme, viewport: { width, height: 740 } });
      await shelf("Popular").waitFor();
      const paper = await page.evaluate("getComputedStyle(document.body).backgroundColor");
      expect(paper).toBe(colorScheme === "light" ? "rgb(247, 247, 244)" : "rgb(22, 25, 26)");
      await expectGood(page);
      await shelf("Popular").getByRole("link", { name: HOSTILE }).click();
      await page.getByRole("button", { name: "Add to basket" }).click();
      await shelf("Goes together").waitFor();
      await expectGood(page);
      await page.getByRole("searchbox").fill("mug");
      await page.keyboard.press("Enter");
      await shelf("Found").waitFor();
      await expectGood(page);
      if (width === 1280) await page.context().close();
    }
  });

  it("says so when there is no such product, and does not remember it", async () => {
    const page = await opened("/#/item/flying-carpet");
    await page.getByText("The model does not know this product").waitFor();
    await expectGood(page);
    await page.goto(`${tab.server.url}/#/item/%`);
    await page.getByRole("heading", { level: 1, name: "Welcome" }).waitFor();
    expect(await shelf("For you").count()).toBe(0);
    // The browser itself notes the one 404.
    expect(tab.errors.splice(0)).toHaveLength(1);
  });

  it("says so when there is no model yet", async () => {
    const settings = settingsWith({ port: 0, page: true, data: temporaryFolder() });
    const empty = await serve({ settings, objects: memoryObjects() });
    try {
      await tab.open(empty.url);
      await tab.page.getByText("there is no model yet: none has been published").waitFor();
      await expectGood(tab.page);
      await tab.page.goto(`${empty.url}/operator`);
      await tab.page.getByText("There is no model yet: run a night.").waitFor();
      await expectGood(tab.page);
      tab.errors.splice(0);
    } finally {
      await empty.close();
    }
  });
});
