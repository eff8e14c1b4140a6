import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../temporary.ts";
import { BROWSER, useTabs } from "./browser.ts";
import { running, startDemo } from "./demo.ts";

describe.skipIf(!BROWSER)("the demo shop's reviews", () => {
  const folder = temporaryFolder();
  const model = join(folder, "sentiment");
  const tab = useTabs();
  const started: Awaited<ReturnType<typeof startDemo>>[] = [];
  const demoWith = async (folderOfModel: string) => {
    const demo = await startDemo(folder, ["--inference.model", folderOfModel]);
    started.push(demo);
    return demo;
  };
  afterAll(() => started.forEach((demo) => demo.kill("SIGKILL")));
  const all = () =>
    ["personalizer", "inference", "make.ts", "make.py"].flatMap((each) => running(each, folder));
  const reviews = () => tab.page.getByRole("region", { name: "Reviews" });

  it("wait for the model, which is made while the shop is open, and are read without a reload", async () => {
    const { url } = await demoWith(model);
    const page = await tab.open(url);
    await page.getByRole("region", { name: "Popular" }).getByRole("link").first().click();
    await expect.poll(() => reviews().getByRole("listitem").count()).toBe(3);
    await page.getByLabel("You are").selectOption({ index: 1 });
    await page.getByLabel("4 stars").check();
    await page.getByLabel("What do you think of it?").fill("Excellent quality, works perfectly. I love it!");
    await page.getByRole("button", { name: "Send review" }).click();
    const own = reviews().getByRole("listitem").first();
    await own.getByText("Excellent quality").waitFor();
    await own.getByText("sounds positive").waitFor({ timeout: 240_000 });
    expect(running("inference", folder)).toHaveLength(1);
    // Those of the demo's customers, too.
    await expect
      .poll(() =>
        reviews()
          .getByText(/^sounds /)
          .count(),
      )
      .toBe(4);
  });

  it("and all that reads them end with the demo, also while the model is being made", async () => {
    started[0].kill("SIGINT");
    await started[0].finished;
    rmSync(model, { recursive: true });
    const demo = await demoWith(model);
    await expect.poll(() => running("make.ts", folder).length, { interval: 20, timeout: 30_000 }).toBe(1);
    demo.kill("SIGINT");
    expect((await demo.finished).status).toBe(0);
    await expect.poll(all, { timeout: 20_000 }).toEqual([]);
  });

  it("are taken where no model can be made; terminal and operator's page say how to get one", async () => {
    const file = join(folder, "a-file");
    writeFileSync(file, "where no folder can be");
    const demo = await demoWith(join(file, "sentiment"));
    let said = "";
    demo.stderr!.on("data", (chunk: Buffer) => (said += chunk.toString()));
    await expect.poll(() => said, { timeout: 60_000 }).toContain("To make it: npm run model:sentiment");
    expect(said).toContain("Making the sentiment model");
    const page = await tab.open(`${demo.url}/operator`);
    await reviews().getByText("npm run model:sentiment (needs Python 3.11 or newer)").waitFor();
    await page.close();
    demo.kill("SIGTERM");
    await demo.finished;
  });
});
