import { describe, expect, it } from "vitest";
import { PERSONALIZER } from "../../contracts/personalizer.ts";
import { askByGo, askByPython, hasGo } from "../client-programs.ts";
import { memoryObjects } from "../night/shop.ts";
import { clientTo, started } from "./served.ts";
import { publishPersonal } from "./shop.ts";

const MODEL = "2026-11-20.1";
const objects = memoryObjects();
await publishPersonal(objects, MODEL);
const server = await started(objects);
const { recommend, popular } = clientTo(server);
const known = await recommend({ user: "user-4", n: 3 });
const best = (await popular({ n: 2 })).results;

it("a Python client with stubs of the contract gets the same answers", async () => {
  const found = await askByPython("personalizer.proto", "test/personalizer/client.py", server.address);
  expect(found).toEqual({
    model: MODEL,
    items: known.results.map(({ item }) => item),
    because: known.results.map(({ because }) => because),
    new: expect.arrayContaining([expect.stringMatching(/^ink-/)]),
    popular: best.map(({ item, score }) => [item, score]),
    predicted: [true, false],
    healthy: true,
    unknown: ["FAILED_PRECONDITION", expect.stringContaining("GetPopular")],
  });
});

describe.skipIf(!hasGo)("where Go is installed", () => {
  it("a Go client, which learns the contract by reflection, gets the same answers", async () => {
    const pair = (user: string) => ({ shop: "toys", user, item: "ink-0" });
    const found = await askByGo(server.address, PERSONALIZER, [
      ["GetUserRecommendations", { shop: "toys", user: "user-4", n: 3 }],
      ["GetPopular", { shop: "toys", n: 2 }],
      ["PredictMatrix", pair("user-4"), pair("somebody")],
      ["GetUserRecommendations", { shop: "toys", user: "somebody" }],
    ]);
    expect(found).toEqual({
      health: "SERVING",
      answers: [
        { model: MODEL, results: known.results },
        { model: MODEL, results: best.map(({ item, score }) => ({ item, score })) },
        [
          { user: "user-4", item: "ink-0", score: expect.any(Number) },
          { user: "somebody", item: "ink-0" },
        ],
        "FailedPrecondition",
      ],
    });
  });
});
