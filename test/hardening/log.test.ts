import { createHash } from "node:crypto";
import { Writable } from "node:stream";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import type { RecommendationAnswer } from "../../contracts/http/recommendation.ts";
import { changeKeys } from "../../night/state/key-list.ts";
import { serve } from "../../recommender/server.ts";
import { memoryObjects, settingsWith } from "../night/shop.ts";
import { publishSnapshot } from "../published.ts";
import { camp } from "../recommender/test-app.ts";
import { temporaryFolder } from "../temporary.ts";
import { exchange, get, post } from "./raw.ts";

/** What no log may hold: it would say who did what, or let somebody in. */
const SECRET = "s3cret";

describe("the log, at its most talkative,", () => {
  it("says nothing of what was asked, nor of keys and tokens, be the request good, bad or broken", async () => {
    let log = "";
    const stream = new Writable({ write: (chunk, _, done) => ((log += String(chunk)), done()) });
    const objects = memoryObjects();
    await publishSnapshot(objects, "2026-11-20.1", camp());
    const key = `${SECRET}-key`;
    const sha256 = createHash("sha256").update(key).digest("hex");
    await changeKeys(objects, "toys", () => ({ shop: { sha256, since: "2026-11-22T00:00:00Z" } }));
    const settings = settingsWith({
      access: "keys",
      port: 0,
      opsPort: 0,
      data: temporaryFolder(),
      docs: true,
      origins: ["https://shop.example"],
    });
    const talkative = pino({ level: "trace" }, stream);
    const server = await serve({
      settings,
      objects,
      log: talkative,
      timeouts: { headMs: 300, requestMs: 600 },
    });
    // A failure of our own: also its answer and its line in the log keep quiet.
    let isBroken = false;
    const model = server.shops.get("toys")!.model.get()!;
    if (model.ranking.when === "later") throw new Error("it ranks from memory");
    const { rank } = model.ranking;
    model.ranking.rank = (queries) => {
      if (isBroken) throw new TypeError(`cannot read ${JSON.stringify(queries)}`);
      return rank(queries);
    };
    const port = Number(new URL(server.url).port);
    const auth = `x-api-key: ${key}`;
    const path = `/make_recommendation?browsed=${SECRET}-1,tent`;
    const good = (await exchange(port, get(path, auth))).answers[0];
    const { attributionToken: token } = JSON.parse(good.body) as RecommendationAnswer;
    const event = { id: `${SECRET}-event`, event: "click", item: "dome", token };
    const statuses: number[] = [good.status];
    for (const request of [
      get(path),
      get(path, `x-api-key: wrong-${SECRET}`),
      get(`${path}&${SECRET}=1`, auth),
      get(`/items/${SECRET}/neighbours`, auth, `origin: https://${SECRET}.example`),
      get(`/${SECRET}`, auth),
      get(`/%${SECRET}`, auth),
      get(path, auth, `${SECRET} : broken`),
      post("/make_recommendation", `{"browsed":["${SECRET}-2"]}`, auth),
      post("/make_recommendation", `{"${SECRET}":["${SECRET}"`, auth),
      post("/make_recommendation", `{"n":"${SECRET}"}`, auth, `cookie: ${SECRET}`, `user-agent: ${SECRET}`),
      post("/events", JSON.stringify({ events: [event] })),
      post("/events", JSON.stringify({ events: [{ ...event, token: SECRET }] })),
      post(`/events?${SECRET}`, "{}"),
      `POST /events HTTP/1.1\r\nx-a: ${SECRET}\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{"${SECRET}`,
    ])
      statuses.push((await exchange(port, request)).answers[0].status);
    isBroken = true;
    const failed = await exchange(port, get(path, auth));
    expect(failed.answers).toMatchObject([{ status: 500 }]);
    expect(failed.answers[0].body).not.toContain(SECRET);
    await server.close();
    expect(statuses).toEqual([200, 401, 401, 400, 404, 404, 400, 400, 200, 400, 400, 200, 200, 400, 408]);
    expect(log).toContain("a request failed");
    expect(log).toMatch(/"type":"TypeError".*log\.test\.ts/);
    expect(log).not.toContain(SECRET);
    expect(log).not.toContain(token);
  });
});
