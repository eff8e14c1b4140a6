import { accessSync, constants, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import type { Person } from "../../contracts/http/pages.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import type { Objects } from "../../night/state/objects.ts";
import { serve, type Server } from "../../recommender/server.ts";
import { settingsWith } from "../night/shop.ts";
import { temporaryFolder } from "../temporary.ts";
import { publishCamp } from "./camp.ts";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];

/**
 * The machine's own browser: Debian's package `chromium`, or one like it; undefined: there is none.
 */
export const BROWSER = (process.env["PATH"] ?? "")
  .split(delimiter)
  .flatMap((folder) => NAMES.map((name) => join(folder, name)))
  .find(isExecutable);

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Nothing in the browser asks anybody but the page's own server. */
const ARGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const openBrowser = (): Promise<Browser> => chromium.launch({ executablePath: BROWSER!, args: ARGS });

/** A tab, and what went wrong in it. */
interface Tab {
  page: Page;
  errors: string[];
}

async function openTab(browser: Browser, options: BrowserContextOptions = {}): Promise<Tab> {
  const page = await (await browser.newContext(options)).newPage();
  page.setDefaultTimeout(10_000);
  const errors: string[] = [];
  page.on("console", (message) => void (message.type() === "error" && errors.push(message.text())));
  page.on("pageerror", (error) => void errors.push(error.message));
  page.on("dialog", (dialog) => {
    errors.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("request", (request) => {
    if (!request.url().startsWith("http://127.0.0.1:")) errors.push(`asks ${request.url()}`);
  });
  return { page, errors };
}

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Expects what is shown now to have no fault that axe finds, and no content beside the screen. */
export async function expectGood(page: Page): Promise<void> {
  const { violations } = (await page.evaluate(`${AXE}; axe.run()`)) as {
    violations: { id: string; nodes: { html: string; failureSummary: string }[] }[];
  };
  const faults = violations.map(({ id, nodes }) => [id, nodes[0].html, nodes[0].failureSummary]);
  expect(faults).toEqual([]);
  const [needed, width] = (await page.evaluate("[document.documentElement.scrollWidth, innerWidth]")) as [
    number,
    number,
  ];
  expect(needed).toBeLessThanOrEqual(width);
}

/** A browser for the tests of a `describe`. Each has one tab, in which nothing may go wrong. */
export function useTabs() {
  let browser: Browser;
  const used = {} as Tab & { open(url: string, options?: BrowserContextOptions): Promise<Page> };
  beforeAll(async () => void (browser = await openBrowser()));
  used.open = async (url, options) => {
    Object.assign(used, await openTab(browser, options));
    await used.page.goto(url);
    return used.page;
  };
  afterEach(async () => {
    await used.page?.context().close();
    expect(used.errors ?? []).toEqual([]);
  });
  afterAll(() => browser?.close());
  return used;
}

/** The same, beside the camp's shop. */
export function useBrowser(objects: Objects, change: Partial<Settings> = {}, people: Person[] = []) {
  const used = useTabs() as ReturnType<typeof useTabs> & { server: Server };
  beforeAll(async () => {
    await publishCamp(objects);
    const settings = settingsWith({ port: 0, opsPort: 0, page: true, data: temporaryFolder(), ...change });
    used.server = await serve({ settings, objects, people });
  });
  afterAll(() => used.server?.close());
  return used;
}
