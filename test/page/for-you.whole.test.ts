import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../temporary.ts";
import { BROWSER, expectGood, useTabs } from "./browser.ts";
import { running, startDemo } from "./demo.ts";

describe.skipIf(!BROWSER)("the demo shop's shelf for one person", () => {
  const folder = temporaryFolder();
  const tab = useTabs();
  let url: string;
  let demo: Awaited<ReturnType<typeof startDemo>>;

  beforeAll(async () => {
    demo = await startDemo(folder, [], { STEAMER_REVIEWS_ON: "false" });
    ({ url } = demo);
  });
  afterAll(() => void demo.kill("SIGKILL"));

  const shelf = () => tab.page.getByRole("region", { name: "For you" });
  const who = () => tab.page.getByLabel("You are");

  it("has a Personalizer of its own", () => {
    expect(running("personalizer", folder)).toHaveLength(1);
  });

  it("turns to a customer's own list, which says what it is there for", async () => {
    const page = await tab.open(url);
    await page.getByRole("region", { name: "Popular" }).waitFor();
    expect(await shelf().count()).toBe(0);
    const customer = await who().getByRole("option").nth(1).getAttribute("value");
    await who().selectOption(customer);
    await shelf().getByText(`Made for ${customer}, from all visits.`).waitFor();
    expect(await shelf().getByRole("listitem").first().textContent()).toMatch(/because of .+/);
    await expect
      .poll(() => page.getByRole("status").textContent())
      .toMatch(/^$|Your own recommendations are there\./);
    await page.reload();
    expect(await who().inputValue()).toBe(customer);
    await shelf().getByText(`Made for ${customer}`).waitFor();
  });

  it("is there for somebody new as soon as they have looked at something", async () => {
    const page = await tab.open(url);
    await page.getByRole("region", { name: "Popular" }).getByRole("link").first().click();
    await page.getByRole("button", { name: "Add to basket" }).waitFor();
    await page.goBack();
    await shelf().getByText("Made for you, from this visit.").waitFor();
    expect(await shelf().getByRole("listitem").count()).toBe(8);
  });

  it.each(["light", "dark"] as const)("is accessible and fits a telephone, in %s", async (colorScheme) => {
    for (const width of [1280, 360]) {
      const page = await tab.open(url, { colorScheme, viewport: { width, height: 740 } });
      await page.getByRole("region", { name: "Popular" }).waitFor();
      await who().selectOption({ index: 1 });
      await shelf().getByText("from all visits").waitFor();
      await expectGood(page);
      if (width === 1280) await page.context().close();
    }
  });

  it("ends with the demo", async () => {
    demo.kill("SIGTERM");
    await demo.finished;
    await expect.poll(() => running("personalizer", folder), { timeout: 10_000 }).toEqual([]);
  });
});
