import { spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import type { ReviewAnswer } from "../../contracts/http/reviews.ts";
import { freePort } from "../stand-ins/platform/child.ts";
import { dataFolder } from "../recommender/personal/service.ts";
import { page, post } from "../recommender/reviews/service.ts";
import { startRecommender, type Running } from "./process.ts";

const ITEMS = 20;
const PATIENCE = { timeout: 120_000, interval: 200 };

const processes: (() => void)[] = [];
afterEach(() => processes.splice(0).forEach((end) => end()));

/** An inference service that can be stopped and killed, and what it has classified. */
async function startService() {
  const port = await freePort();
  const texts: string[] = [];
  let child: ChildProcess;
  async function start(): Promise<void> {
    child = spawn(process.execPath, ["--no-warnings", "test/hardening/classifier-process.ts", `${port}`], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const lines = createInterface(child.stdout!);
    const ready = once(lines, "line");
    lines.on("line", (line) => line !== "ready" && texts.push(JSON.parse(line) as string));
    await ready;
  }
  await start();
  processes.push(() => child.kill("SIGKILL"));
  return { address: `127.0.0.1:${port}`, texts, start, kill: (signal: NodeJS.Signals) => child.kill(signal) };
}

async function startOn(data: string, address: string): Promise<Running & { opsUrl: string }> {
  const opsPort = await freePort();
  const running = await startRecommender(data, {
    STEAMER_OPS_PORT: `${opsPort}`,
    STEAMER_REVIEWS_ON: "true",
    STEAMER_REVIEWS_ADDRESS: address,
    STEAMER_REVIEWS_CALL_MS: "1000",
    STEAMER_REVIEWS_BREAK_MS: "300",
    // However slow the machine is, no text of these tests is to blame.
    STEAMER_REVIEWS_ATTEMPTS: "100",
  });
  processes.push(() => running.kill("SIGKILL"));
  return { ...running, opsUrl: `http://127.0.0.1:${opsPort}` };
}

const metricsOf = async ({ opsUrl }: { opsUrl: string }) => (await fetch(`${opsUrl}/metrics`)).text();
const nothingWaits = (running: { opsUrl: string }, scored: number) =>
  expect.poll(async () => sum(await metricsOf(running), "steamer_reviews_scored"), PATIENCE).toBe(scored);

/** The sum of a metric's lines. */
const sum = (text: string, name: string) =>
  text
    .split("\n")
    .filter((line) => line.startsWith(`${name}{`))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);

/** One after the other for each item, each by another user; of all items at once. */
async function sendAll(each: number, send: (item: string, text: string, user: string) => Promise<void>) {
  const ofItem = async (item: string) => {
    for (let k = 0; k < each; k++) await send(item, `${item} number ${k}`, `${item}-${k}`);
  };
  await Promise.all(Array.from({ length: ITEMS }, (_, k) => ofItem(`item-${k}`)));
}

/** All reviews are there once, each with its own sentiment, and were classified in order. */
async function expectAll(running: Running, each: number, classified: string[]): Promise<void> {
  for (let k = 0; k < ITEMS; k++) {
    const item = `item-${k}`;
    const reviews: ReviewAnswer[] = [];
    for (let query: string | null = "?n=100"; query !== null;) {
      const { answer }: Awaited<ReturnType<typeof page>> = await page(running, item, query);
      reviews.push(...answer.reviews);
      query = answer.next && `?n=100&cursor=${answer.next}`;
    }
    const inOrder = Array.from({ length: each }, (_, k) => `${item} number ${k}`);
    const expected = inOrder.map((text, k) => [text, (k % 100) / 100]);
    const found = reviews.map(({ text, sentiment }) => [text, sentiment]);
    expect(new Map(found as [string, number][])).toEqual(new Map(expected as [string, number][]));
    expect(found).toHaveLength(each);
    const firsts = [...new Set(classified.filter((text) => text.startsWith(`${item} `)))];
    expect(firsts).toEqual(inOrder);
  }
}

describe("reviews", () => {
  it("are all stored at once and scored once, in order, while the service is slow, hangs and is killed", async () => {
    const each = 50;
    const service = await startService();
    const running = await startOn(await dataFolder(), service.address);
    let sent = 0;
    const sending = sendAll(each, async (item, text, user) => {
      const { response, answer } = await post(running, { item, text, user });
      expect([response.status, answer.sentiment]).toEqual([201, null]);
      sent++;
    });
    const reached = (count: number) => expect.poll(() => sent, PATIENCE).toBeGreaterThanOrEqual(count);
    await reached(200);
    service.kill("SIGSTOP");
    await reached(500);
    await sleep(1500);
    service.kill("SIGCONT");
    await reached(700);
    service.kill("SIGKILL");
    await sending;
    await sleep(1000);
    await service.start();
    await nothingWaits(running, ITEMS * each);
    await expectAll(running, each, service.texts);
    const metrics = await metricsOf(running);
    expect(metrics).toContain(`steamer_reviews_tasks_total{shop="toys",outcome="scored"} ${ITEMS * each}`);
    expect(metrics).toContain('steamer_reviews_failed{shop="toys"} 0');
    expect(running.log()).not.toMatch(/ number \d/);
  });

  it("are all there once and scored in order after a recommender was killed, and another one was started", async () => {
    const each = 10;
    const service = await startService();
    const data = await dataFolder();
    let running = await startOn(data, service.address);
    let sent = 0;
    const sending = sendAll(each, async (item, text, user) => {
      // As a shop's server does it: the same key until there is an answer.
      const headers = { "idempotency-key": randomUUID() };
      for (;;) {
        const status = await post(running, { item, text, user }, headers).then(
          ({ response }) => response.status,
          () => 0,
        );
        if (status === 201) return void sent++;
        await sleep(50);
      }
    });
    await expect.poll(() => sent, PATIENCE).toBeGreaterThan(50);
    running.kill("SIGKILL");
    running = await startOn(data, service.address);
    await sending;
    await nothingWaits(running, ITEMS * each);
    await expectAll(running, each, service.texts);
  });
});
