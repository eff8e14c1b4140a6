import { Value } from "typebox/value";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ReviewsStateAnswer } from "../../contracts/http/pages.ts";
import { memoryObjects } from "../night/shop.ts";
import { post } from "../recommender/reviews/service.ts";
import { classified, startClassifier } from "../stand-in-classifier.ts";
import { BROWSER, expectGood, useBrowser } from "./browser.ts";
import { HOSTILE } from "./camp.ts";

type Says = Parameters<typeof startClassifier>[0];
const judge: Says = ({ request: { text } }) =>
  text.includes("poison") ? "INVALID_ARGUMENT" : classified(text.includes("bad") ? 0.1 : 0.95);
const PEOPLE = ["ann", "bob"].map((user) => ({ user, about: "Tents" }));

describe.skipIf(!BROWSER)("reviews in a browser", () => {
  const tab = useBrowser(memoryObjects(), { "reviews.on": true, "reviews.callMs": 100_000 }, PEOPLE);
  let service: Awaited<ReturnType<typeof startClassifier>>;
  beforeAll(async () => void (service = await startClassifier(judge)));
  afterAll(() => service?.close());

  const region = (name = "Reviews") => tab.page.getByRole("region", { name });
  const lines = () => region().getByRole("listitem");
  const opened = async (item: string, options = {}) => {
    const page = await tab.open(`${tab.server.url}/#/item/${encodeURIComponent(item)}`, options);
    await region().waitFor();
    return page;
  };
  const openedBy = async (user: string, item: string, options = {}) => {
    const page = await opened(item, options);
    await page.getByLabel("You are").selectOption(user);
    await page.getByRole("button", { name: "Send review" }).waitFor();
    return page;
  };
  const write = async (stars: number, text: string) => {
    await tab.page.getByLabel(stars === 1 ? "1 star" : `${stars} stars`, { exact: true }).check();
    await tab.page.getByLabel("What do you think of it?").fill(text);
    await tab.page.getByRole("button", { name: "Send review" }).click();
  };

  it("are for customers: a visitor is told to pick somebody", async () => {
    const page = await opened("tent");
    await region().getByText("Nobody has written one yet.").waitFor();
    expect(await page.getByRole("button", { name: "Send review" }).count()).toBe(0);
    await page.getByRole("button", { name: "Pick somebody" }).click();
    expect(await page.evaluate("document.activeElement.id")).toBe("who");
  });

  it("wait for a service, and show their sentiment as it comes, without a reload", async () => {
    await openedBy("ann", "tent");
    await write(4, "Light, and dry inside.");
    await lines().getByText("npm run model:sentiment").waitFor();
    expect(await lines().first().getByRole("img").getAttribute("aria-label")).toBe("4 of 5 stars");
    const held = Promise.withResolvers<void>();
    service.answer(async (call) => (await held.promise, judge(call)));
    await tab.server.readReviewsBy(service.address);
    await expect.poll(() => service.calls.length, { timeout: 10_000 }).toBe(1);
    expect(
      await lines()
        .getByText(/sounds/)
        .count(),
    ).toBe(0);
    held.resolve();
    service.answer(judge);
    await lines().getByText("sounds positive (0.95)").waitFor();
    await tab.page.locator(".product").getByText("4.0 · 1 review").waitFor();
    expect(await tab.page.getByRole("status").textContent()).toContain("sounds positive");
  });

  it("are written by the keyboard alone", async () => {
    const page = await openedBy("ann", "dome");
    await page.getByLabel("You are").focus();
    const isAt = (name: string) => page.evaluate(`document.activeElement.${name}`);
    for (let presses = 0; presses < 60 && (await isAt("name")) !== "stars"; presses++)
      await page.keyboard.press("Tab");
    await page.keyboard.press("Space");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Tab");
    await page.keyboard.type("Not bad at all");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await lines().getByText("Not bad at all").waitFor();
    expect(await lines().getByRole("img").getAttribute("aria-label")).toBe("3 of 5 stars");
    // Who uses the keyboard goes on from their review.
    await expect.poll(() => isAt("tagName")).toBe("LI");
  });

  it("show their text as it is, whatever it holds", async () => {
    await openedBy("bob", "dome");
    await write(1, `${HOSTILE} </p><script>alert(2)</script>`);
    await lines().getByText(`${HOSTILE} </p><script>alert(2)</script>`).waitFor();
    expect(await tab.page.locator("main img, main script").count()).toBe(0);
  });

  it("that are refused say why, in the words of the API, and when to come back", async () => {
    const page = await openedBy("ann", "tent");
    await write(5, "once more");
    const trouble = page.getByRole("alert");
    await trouble
      .getByText(/as many reviews as they may of this item within 24 hours\. Try again in 2/)
      .waitFor();
    expect(await page.getByLabel("What do you think of it?").inputValue()).toBe("once more");
    await write(5, "x".repeat(5001));
    await page.getByText("5,001 of 5,000 characters").waitFor();
    await trouble.getByText(/5000/).waitFor();
    // The browser itself notes the 429 and the 400.
    expect(tab.errors.splice(0)).toHaveLength(2);
    expect(await lines().count()).toBe(1);
  });

  it("are the newest first, and more come when asked for", async () => {
    for (let k = 1; k <= 12; k++)
      expect(
        (await post(tab.server, { user: `u${k}`, item: "mug-0", text: `no. ${k}` })).response.status,
      ).toBe(201);
    const page = await opened("mug-0");
    const more = page.getByRole("button", { name: "More reviews" });
    const numbers = async () =>
      (await lines().locator(".review-text").allTextContents()).map((text) => Number(text.slice(4)));
    const last = (n: number) => Array.from({ length: n }, (_, k) => 12 - k);
    await expect.poll(numbers).toEqual(last(5));
    await more.click();
    await expect.poll(numbers).toEqual(last(10));
    await more.click();
    await expect.poll(numbers).toEqual(last(12));
    expect(await more.isVisible()).toBe(false);
    const card = region("Popular").getByRole("listitem").filter({ hasText: "name of mug-0" });
    // Answers have ratings from memory, a moment old.
    const onCard = async () => {
      await page.goto(tab.server.url);
      return card.textContent();
    };
    await expect.poll(onCard, { timeout: 15_000 }).toContain("4.0 · 12 reviews");
  });

  it.each(["light", "dark"] as const)("are accessible and fit a telephone, in %s", async (colorScheme) => {
    for (const width of [1280, 360]) {
      const page = await openedBy("ann", "mug-0", { colorScheme, viewport: { width, height: 740 } });
      await lines().first().waitFor();
      await page.getByLabel("3 stars").check();
      await expectGood(page);
      await page.goto(`${tab.server.url}/#/`);
      await region("Popular").waitFor();
      await expectGood(page);
      if (width === 1280) await page.context().close();
    }
  });

  it("are shown to the operator: what waits, what failed and why, and how sentiments are distributed", async () => {
    const secret = "poison nobody should see";
    await post(tab.server, { user: "eve", item: "gas", text: secret });
    const state = async () =>
      (await (await fetch(`${tab.server.opsUrl}/page/reviews`)).json()) as ReviewsStateAnswer;
    await expect.poll(state, { timeout: 10_000 }).toMatchObject({ waiting: 0, failed: 1 });
    expect([...Value.Errors(ReviewsStateAnswer, await state())]).toEqual([]);
    const page = await tab.open(`${tab.server.opsUrl}/operator`);
    await region().waitFor();
    const text = await region().textContent();
    expect(text).toContain("Waiting0The oldest waitsnone");
    expect(text).toContain("NEGATIVE1POSITIVE14");
    const plot = region().getByRole("img", { name: /^Sentiment, .*; 0\.1 to 0\.2: 1, 0\.9 to 1\.0: 14$/ });
    await plot.waitFor();
    await region().getByText("1 review was set aside").click();
    expect(await region().locator("tbody").textContent()).toMatch(/^INVALID_ARGUMENTgas/);
    expect(await page.content()).not.toContain(secret);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await expectGood(page);
      await page.setViewportSize({ width: 360, height: 740 });
      await expectGood(page);
    }
  });
});
