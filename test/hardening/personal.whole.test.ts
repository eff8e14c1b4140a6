import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openPersonalizer } from "../../adapters/grpc/personalizer-client.ts";
import { smallShop, start, steamer } from "../cli/steamer.ts";
import { startRecommender, type Running } from "./process.ts";
import { freePort } from "../stand-ins/platform/child.ts";
import { temporaryFolder } from "../temporary.ts";
import { ask, itemsOf, metric, soon } from "../recommender/personal/service.ts";

const MODEL = "2026-11-21.1";
/** A tenth of a second is allowed. A machine that is busy with other tests has more. */
const IN_TIME_MS = 3_000;

const folder = temporaryFolder();
let port: number;
let personalizer: ReturnType<typeof start> | undefined;
const recommenders: Running[] = [];

/** A user of no other test. */
let users = 0;
const nextUser = () => `user-${users++}`;

/** Starts one where the one before was, if that has ended. */
async function startPersonalizer(): Promise<void> {
  if (isAlive()) return;
  personalizer = start(folder, ["personalizer", "--personalizer.port", `${port}`]);
  const said = once(personalizer.stdout!, "data").then(([said]) => String(said));
  const ended = personalizer.finished.then(({ stderr }) => stderr);
  expect(await Promise.race([said, ended])).toContain(`answers at 127.0.0.1:${port} from model ${MODEL}`);
}

const isAlive = () => personalizer?.exitCode === null && personalizer.signalCode === null;

async function end(): Promise<void> {
  personalizer?.kill("SIGKILL");
  await personalizer?.finished;
}

async function startOne(env: Record<string, string> = {}) {
  const opsPort = await freePort();
  const running = await startRecommender(join(folder, ".steamer"), {
    STEAMER_SHOP: "shop",
    STEAMER_OPS_PORT: `${opsPort}`,
    STEAMER_PERSONAL_ADDRESS: `127.0.0.1:${port}`,
    STEAMER_PERSONAL_CALL_MS: "500",
    STEAMER_PERSONAL_RETRIES: "0",
    STEAMER_PERSONAL_BREAK_MS: "300",
    ...env,
  });
  recommenders.push(running);
  return { ...running, opsUrl: `http://127.0.0.1:${opsPort}` };
}

beforeAll(async () => {
  writeFileSync(join(folder, "events.csv"), smallShop("2026-11-21", 200));
  const { status, stderr } = await steamer(
    folder,
    "nightly",
    "--events",
    "events.csv",
    "--als.factors",
    "20",
  );
  expect([status, stderr]).toEqual([0, expect.anything()]);
  port = await freePort();
});
beforeEach(startPersonalizer);
afterAll(async () => {
  for (const each of recommenders) each.kill("SIGKILL");
  await end();
});

describe("a recommender and a Personalizer, each a process", () => {
  let one: Awaited<ReturnType<typeof startOne>>;
  beforeAll(async () => void (one = await startOne()));
  // On the same folder it would carry out the tasks of the next test.
  afterAll(async () => {
    one.kill("SIGKILL");
    await one.ended;
  });

  const sourceOf = async (user: string) => (await ask(one, user)).answer.source;
  const personal = (user: string) => soon(() => sourceOf(user)).toBe("personal");
  async function popularInTime(user: string) {
    const startedAt = performance.now();
    expect((await ask(one, user)).answer).toMatchObject({ source: "popular", results: { length: 3 } });
    expect(performance.now() - startedAt).toBeLessThan(IN_TIME_MS);
  }
  /** Asks for users until the breaker is in this state. */
  const breakerIs = (state: string) =>
    soon(async () => (await popularOrNot(), metric(one, "breaker", `"${state}"`))).toBe(1);
  const popularOrNot = () => ask(one, nextUser());

  it("give a user the Personalizer's own list, and why", async () => {
    const user = nextUser();
    await personal(user);
    const client = openPersonalizer(`127.0.0.1:${port}`);
    const call = { shop: "shop", user, scope: "", n: 40, history: [] };
    const { results } = await client.recommend(call, { deadlineMs: 10_000, traceparent: "" });
    client.close();
    const { answer } = await ask(one, user, "n=5");
    expect(itemsOf(answer)).toEqual(results.slice(0, 5).map(({ item }) => item));
    expect(answer.results[0]).toMatchObject({ score: results[0].score, source: "personal" });
    expect(answer.results[0].because.map(({ item }) => item)).toEqual(results[0].because);
    const bought = itemsOf(answer)[0];
    expect(itemsOf((await ask(one, user, `n=5&purchased=${bought}`)).answer)).not.toContain(bought);
  });

  it("give a stranger popular items, and their own once they have done something", async () => {
    await popularInTime("stranger");
    await soon(() => metric(one, "tasks_total", '"no list"')).toBe(1);
    const asked = () => ask(one, "stranger", "browsed=tea-1,tea-2&n=3");
    expect((await asked()).answer.source).toBe("similar");
    await soon(async () => (await asked()).answer.source).toBe("personal");
  });

  it.each(["SIGSTOP", "SIGKILL"] as const)(
    "answer in time after %s, and go on when it is back",
    async (signal) => {
      const known = nextUser();
      await personal(known);
      personalizer!.kill(signal);
      for (let k = 0; k < 5; k++) await popularInTime(nextUser());
      await breakerIs("open");
      await popularInTime(nextUser());
      // What is stored is still there. On a busy machine a look for it may be too late.
      await personal(known);
      if (signal === "SIGSTOP") personalizer!.kill("SIGCONT");
      else await end().then(startPersonalizer);
      await breakerIs("closed");
      await personal(nextUser());
    },
  );
});

describe("a recommender that is killed", () => {
  it("has left the tasks that waited to the next one", async () => {
    // The first call hangs for longer than the test, so that the other task is sure to wait.
    const slow = { STEAMER_PERSONAL_CALL_MS: "60000", STEAMER_PERSONAL_AT_ONCE: "1" };
    const first = await startOne(slow);
    personalizer!.kill("SIGSTOP");
    const [atWork, waits] = [nextUser(), nextUser()];
    for (const user of [atWork, waits]) expect((await ask(first, user)).answer.source).toBe("popular");
    await soon(() => metric(first, "queue_tasks")).toBe(2);
    first.kill("SIGKILL");
    await first.ended;
    personalizer!.kill("SIGCONT");
    const second = await startOne();
    await soon(() => metric(second, "tasks_total", '"stored"')).toBe(1);
    expect(await metric(second, "tasks_total", '"accepted"')).toBe(0);
    expect((await ask(second, waits)).answer.source).toBe("personal");
  });
});
