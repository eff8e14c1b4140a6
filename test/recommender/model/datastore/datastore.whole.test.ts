import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Settings } from "../../../../contracts/settings/settings.ts";
import type { RecommendationAnswer } from "../../../../contracts/http/recommendation.ts";
import { createRecommender } from "../../../../core/ranking/answer.ts";
import { neighbours } from "../../../../core/library.ts";
import { publishModel } from "../../../../night/state/pointer.ts";
import { serve, type Server } from "../../../../recommender/server.ts";
import { openStore } from "../../../../recommender/model/open-store.ts";
import { entitiesOf, writeEntities } from "../../../datastore-entities.ts";
import { goldenModel, goldenSnapshot } from "../../../golden-model.ts";
import { memoryObjects, settingsWith } from "../../../night/shop.ts";
import { temporaryFolder } from "../../../temporary.ts";
import { Children } from "../../../stand-ins/platform/child.ts";
import { datastoreEmulator, startDatastore } from "../../../stand-ins/datastore/datastore.ts";
import { Faults } from "../../../stand-ins/platform/faults.ts";
import { answering } from "../../recommend/answering.ts";

const MODEL = "2026-11-21.1";
const ITEMS = ["tent", "stove", "bag", "lamp", "é", "\u{1F600}", "a:1", "rope"];
const model = neighbours(
  Array.from({ length: 120 }, (_, k) => ({
    user: `u${k % 13}`,
    item: ITEMS[(k * k + (k >> 3)) % ITEMS.length],
  })),
);

/** The official emulator, which comes with the Google Cloud CLI. */
describe.skipIf(!datastoreEmulator())("a recommender on Datastore", () => {
  const children = new Children();
  const faults = new Faults();
  const objects = memoryObjects();
  let server: Server;
  let settings: Settings;

  beforeAll(async () => {
    // The clients need not look for Google's own metadata server.
    vi.stubEnv("METADATA_SERVER_DETECTION", "none");
    const datastore = await startDatastore(children, faults);
    const endpoints = { datastore: datastore!.address };
    settings = settingsWith({
      store: "datastore",
      project: "steamer-test",
      endpoints,
      port: 0,
      data: temporaryFolder(),
    });
    await writeEntities(endpoints.datastore, "toys", entitiesOf(MODEL, model));
    await publishModel(objects, { shop: "toys", model: MODEL, now: new Date() });
    server = await serve({ settings, objects });
  });
  afterAll(async () => {
    await server.close();
    await children.close();
    vi.unstubAllEnvs();
  });
  const ask = async (query: string) => {
    const response = await fetch(`${server.url}/make_recommendation?${query}`);
    expect(response.status).toBe(200);
    const { attributionToken: _, ...answer } = (await response.json()) as RecommendationAnswer;
    return answer;
  };

  it("answers as one on the snapshot does, with one lookup a request", async () => {
    const inMemory = createRecommender(model, MODEL, settings);
    const before = faults.calls("Datastore.Lookup");
    const query = { browsed: ["tent", "unheard-of", "a:1"], basket: ["é"], purchased: ["\u{1F600}"] };
    const asked = new URLSearchParams(
      Object.entries(query).map(([name, ids]): [string, string] => [name, `${ids}`]),
    );
    expect(await ask(`n=20&${asked}`)).toEqual(inMemory({ ...query, n: 20 }));
    expect(await ask("n=3")).toEqual(inMemory({ browsed: [], basket: [], purchased: [], n: 3 }));
    expect(faults.calls("Datastore.Lookup") - before).toBe(1);
  });

  it("answers from the golden entities as from the golden snapshot", async () => {
    const { shop, model: name, entities } = goldenModel;
    await writeEntities(settings.endpoints.datastore!, shop, entities);
    const recommend = answering(await (await openStore({ ...settings, shop }, objects)).load(name), name);
    const inMemory = createRecommender(goldenSnapshot(), name, settings);
    for (const { item } of goldenModel.catalogue) {
      const query = { browsed: [item], basket: ["007"], purchased: [], n: 5 };
      expect(await recommend(query)).toEqual(inMemory(query));
    }
  });

  it.each([
    ["does not answer", { hold: true }],
    ["is down", { times: 100, error: { code: "UNAVAILABLE" } }],
  ] as const)("shows popular items, never an error, while Datastore %s", async (_, fault) => {
    const broken = faults.add({ call: "Datastore.Lookup", ...fault });
    const { results, model } = await ask("browsed=bag");
    expect(results.map(({ source }) => source)).toEqual(Array(ITEMS.length - 1).fill("popular"));
    expect(model).toBe(MODEL);
    broken.release();
    const { problems } = await server.shops.get("toys")!.model.refresh();
    expect(problems.map(String)).toEqual([expect.stringMatching("1 of . lookups in Datastore failed")]);
  });

  it("refuses a model that Datastore does not have, and stays on the old one", async () => {
    await publishModel(objects, { shop: "toys", model: "2026-11-22.1", now: new Date() });
    const { problems } = await server.shops.get("toys")!.model.refresh();
    expect(problems.map(String)).toEqual([expect.stringContaining("it is not there")]);
    expect((await ask("browsed=tent")).model).toBe(MODEL);
  });
});
