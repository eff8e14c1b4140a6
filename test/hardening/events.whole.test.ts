import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { ATTRIBUTED, type AttributionRow, type EventsAnswer } from "../../contracts/http/attribution.ts";
import type { RecommendationAnswer } from "../../contracts/http/recommendation.ts";
import { paths } from "../../contracts/layout.ts";
import { temporaryFolder } from "../temporary.ts";
import { startRecommender, type Running } from "./process.ts";
import { publishHostileShop } from "./shop.ts";

/** STEAMER_KILLS=100 kills as often. */
const KILLS = Number(process.env["STEAMER_KILLS"] ?? 4);
const CLIENTS = 8;

/** The place of an event: rows that agree on it are one event. */
const placeOf = ({ answer, position, event }: Pick<AttributionRow, "answer" | "position" | "event">) =>
  `${answer} ${position} ${event}`;

/** All whole rows of the shop's files, and how many lines were torn. */
function written(folder: string) {
  const at = join(folder, paths.attribution("toys"));
  const lines = readdirSync(at).flatMap((name) => readFileSync(join(at, name), "utf8").split("\n"));
  const rows: AttributionRow[] = [];
  let torn = 0;
  for (const line of lines.filter(Boolean))
    try {
      rows.push(JSON.parse(line) as AttributionRow);
    } catch {
      torn++;
    }
  return { rows, torn };
}

/** Sends every event that an answer allows, answer after answer, until the recommender is gone. */
async function tell({ url }: Running, accepted: Set<string>): Promise<void> {
  for (;;) {
    const asked = await fetch(`${url}/make_recommendation?n=25`);
    const { attributionToken: token, results } = (await asked.json()) as RecommendationAnswer;
    for (const event of ATTRIBUTED) {
      const events = results.map(({ item }, k) => ({ id: `${k}`, event, item, token }));
      const headers = { "content-type": "application/json" };
      const body = JSON.stringify({ events });
      const response = await fetch(`${url}/events`, { method: "POST", headers, body });
      const answer = (await response.json()) as EventsAnswer;
      if (!response.ok || answer.accepted !== results.length) throw new Error(JSON.stringify(answer));
      results.forEach((_, k) => accepted.add(placeOf({ answer: token.slice(-16), position: k + 1, event })));
    }
  }
}

it("every event that was accepted is in the files, whenever the recommender is killed", async () => {
  const folder = temporaryFolder();
  await publishHostileShop(folder);
  const accepted = new Set<string>();
  for (let kill = 0; kill < KILLS; kill++) {
    const running = await startRecommender(folder);
    const ends = Array.from({ length: CLIENTS }, () =>
      tell(running, accepted).catch((error: Error) => error),
    );
    await sleep(100 + Math.random() * 300);
    running.kill("SIGKILL");
    for (const end of await Promise.all(ends)) expect(`${end}`).toMatch(/fetch failed|terminated|JSON/);
  }
  const { rows, torn } = written(folder);
  const places = new Set(rows.map(placeOf));
  console.log(`${KILLS} kills: ${accepted.size} events accepted, ${rows.length} rows, ${torn} torn lines`);
  expect(accepted.size).toBeGreaterThan(0);
  expect([...accepted].filter((place) => !places.has(place))).toEqual([]);
  expect(places.size).toBe(rows.length);
});
