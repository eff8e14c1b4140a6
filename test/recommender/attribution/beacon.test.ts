import { expect, it } from "vitest";
import type { RecommendationAnswer } from "../../../contracts/http/recommendation.ts";
import { camp, loadedModel, testApp } from "../test-app.ts";

const ORIGIN = "https://shop.example";
const BEACON = { "content-type": "text/plain;charset=UTF-8" };

/** A recommender that these pages may ask, and a way to send it an event as a beacon does. */
async function listening(origins: string[]) {
  const { app } = await testApp({ model: loadedModel(camp()), settings: { origins } });
  const asked = await app.inject("/make_recommendation?browsed=tent&n=1");
  const { attributionToken: token, results } = asked.json<RecommendationAnswer>();
  const payload = JSON.stringify({ events: [{ id: "1", event: "click", item: results[0].item, token }] });
  return (headers: Record<string, string>, url = "/events", text = payload) =>
    app.inject({ method: "POST", url, headers: { ...BEACON, ...headers }, payload: text });
}

it("a beacon of a listed page is taken", async () => {
  const send = await listening([ORIGIN]);
  const answer = await send({ origin: ORIGIN });
  expect([answer.statusCode, answer.json()]).toMatchObject([200, { accepted: 1 }]);
  expect(answer.headers["access-control-allow-origin"]).toBe(ORIGIN);
  expect((await send({ origin: ORIGIN }, "/events", "{")).json()).toMatchObject({
    status: 400,
    field: "body",
  });
});

it("a beacon of any other page, of nobody, or to another address is refused", async () => {
  const send = await listening([ORIGIN]);
  const refused = { status: 415, detail: expect.stringContaining("application/json") };
  expect((await send({ origin: "https://shop.example.evil" })).json()).toMatchObject(refused);
  expect((await send({})).json()).toMatchObject(refused);
  expect((await send({ origin: ORIGIN }, "/make_recommendation")).json()).toMatchObject(refused);
  const closed = await listening([]);
  expect((await closed({ origin: ORIGIN })).json()).toMatchObject(refused);
});
