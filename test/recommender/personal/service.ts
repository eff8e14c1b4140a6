import { afterEach, expect } from "vitest";
import { fileObjects } from "../../../adapters/storage/files.ts";
import type { ReadyAnswer } from "../../../contracts/http/catalogue.ts";
import type { PersonalAnswer } from "../../../contracts/http/personal.ts";
import type { Settings } from "../../../contracts/settings/settings.ts";
import type { Scopes } from "../../../core/model/scopes.ts";
import { serve, type ServeOptions, type Server } from "../../../recommender/server.ts";
import { settingsWith, smallSnapshot } from "../../night/shop.ts";
import { temporaryFolder } from "../../temporary.ts";
import { publishSnapshot, SOME_FACTORS, type FactorFiles } from "../../published.ts";
import { startStandIn } from "../../stand-in-personalizer.ts";

export const MODEL = "2026-11-20.1";

/** Waits for what comes within milliseconds, or on a busy machine within seconds. */
export const soon = <T>(look: () => T | Promise<T>) => expect.poll(look, { timeout: 15_000 });

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
});

/** Ends it after the test. */
export function closing<T extends { close(): unknown }>(each: T): T {
  open.push(each);
  return each;
}

export const standIn = async (...args: Parameters<typeof startStandIn>) =>
  closing(await startStandIn(...args));

/** A data folder with a model of twenty items. */
export async function dataFolder(
  model = MODEL,
  scopes?: Scopes,
  factors?: FactorFiles | null,
): Promise<string> {
  const data = temporaryFolder();
  await publish(data, model, scopes, factors);
  return data;
}

export const publish = (
  data: string,
  model: string,
  scopes?: Scopes,
  factors: FactorFiles | null = SOME_FACTORS,
) =>
  publishSnapshot(fileObjects(data), model, smallSnapshot(20, "toys", scopes), "toys", factors ?? undefined);

/** A recommender of the folder's shop. */
export async function recommender(
  data: string,
  change: Partial<Settings>,
  options: Partial<ServeOptions> = {},
): Promise<Server> {
  const settings = settingsWith({ port: 0, opsPort: 0, data, "personal.cacheMs": 2_000, ...change });
  return closing(await serve({ settings, objects: fileObjects(data), ...options }));
}

export async function ask(
  { url }: Pick<Server, "url">,
  user: string,
  query = "n=3",
  headers: Record<string, string> = {},
) {
  const response = await fetch(`${url}/users/${user}/recommendations?${query}`, { headers });
  return { response, answer: (await response.json()) as PersonalAnswer };
}

/** A tenth of a second is allowed. A machine that is busy with other tests has more. */
const IN_TIME_MS = 3_000;

/** Asks, and sees that an answer comes in time, whatever is broken. */
export async function popularInTime(server: Pick<Server, "url">, user: string): Promise<void> {
  const startedAt = performance.now();
  const { response, answer } = await ask(server, user);
  expect([response.status, answer.source, answer.results.length]).toEqual([200, "popular", 3]);
  expect(performance.now() - startedAt).toBeLessThan(IN_TIME_MS);
}

/** What /readyz says that does not work. */
export const failing = async ({ url }: Pick<Server, "url">) =>
  ((await (await fetch(`${url}/readyz`)).json()) as ReadyAnswer).failing;

export const itemsOf = ({ results }: PersonalAnswer) => results.map(({ item }) => item);

/** The value of a metric's line that has these labels. */
export async function metric({ opsUrl }: Pick<Server, "opsUrl">, name: string, labels = ""): Promise<number> {
  const text = await (await fetch(`${opsUrl}/metrics`)).text();
  const line = text
    .split("\n")
    .find((line) => line.startsWith(`steamer_personal_${name}{`) && line.includes(labels));
  return line ? Number(line.slice(line.lastIndexOf(" "))) : 0;
}
