import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EventsAnswer } from "../../contracts/http/attribution.ts";
import type { RecommendationAnswer } from "../../contracts/http/recommendation.ts";
import { murmur3 } from "../../core/text/hash.ts";
import { createTokens } from "../../recommender/attribution/token.ts";
import { camp, loadedModel, testApp, TOKEN_KEY } from "../recommender/test-app.ts";

describe("whoever holds a token", () => {
  let test: Awaited<ReturnType<typeof testApp>>;
  beforeAll(async () => void (test = await testApp({ model: loadedModel(camp()) })));
  afterAll(() => test.app.close());
  const answer = async (query: string) =>
    (await test.app.inject(`/make_recommendation?${query}`)).json<RecommendationAnswer>();
  const send = async (token: string, item: string, id = "e", event = "click") => {
    const payload = { events: [{ id, event, item, token }] };
    return (await test.app.inject({ method: "POST", url: "/events", payload })).json<EventsAnswer>();
  };
  const refused = async (token: string, item: string) => (await send(token, item)).refused[0]?.reason;

  it("cannot change a byte of it, nor leave some out", async () => {
    const { attributionToken } = await answer("browsed=tent&n=3");
    const bytes = Buffer.from(attributionToken, "base64url");
    const written = (changed: Uint8Array) => Buffer.from(changed).toString("base64url");
    for (let at = 0; at < bytes.length; at++) {
      const changed = Uint8Array.from(bytes);
      changed[at] ^= 1;
      expect(await refused(written(changed), "dome")).toBe("the token is not one of ours");
      expect(await refused(written(bytes.subarray(0, at)), "dome")).toBe("the token is not one of ours");
      expect(await refused(written(bytes.subarray(at + 1)), "dome")).toBe("the token is not one of ours");
    }
    expect(await refused(written(Buffer.concat([bytes, bytes])), "dome")).toBe(
      "the token is not one of ours",
    );
    expect(test.rows).toEqual([]);
  });

  it("cannot make an event count twice by writing the token in another way", async () => {
    const { attributionToken: token } = await answer("browsed=tent&n=3");
    const last = token.at(-1)!;
    const sameBits = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"].filter(
      (letter) =>
        letter !== last &&
        Buffer.from(token.slice(0, -1) + letter, "base64url").equals(Buffer.from(token, "base64url")),
    );
    const others = [
      `${token}=`,
      `${token}==`,
      `${token} `,
      `${token}\n`,
      `.${token}`,
      `${token.slice(0, 9)}!${token.slice(9)}`,
      ...sameBits.map((letter) => token.slice(0, -1) + letter),
      ...(/[-_]/.test(token) ? [token.replaceAll("-", "+").replaceAll("_", "/")] : []),
    ];
    expect(await send(token, "dome", "once")).toMatchObject({ accepted: 1 });
    for (const other of others)
      expect(await send(other, "dome", "once")).toMatchObject({
        accepted: 0,
        refused: [{ reason: "the token is not one of ours" }],
      });
    expect(await send(token, "dome", "once")).toMatchObject({ accepted: 0, duplicates: 1 });
  });

  it("cannot tell of what another answer had, or of what none had", async () => {
    const one = await answer("browsed=tent&n=1");
    const other = await answer("browsed=mug,tent,dome&n=5");
    const items = ({ results }: RecommendationAnswer) => results.map(({ item }) => item);
    const not = ["tent", "dome", "stove", "mug", "__proto__", ""].filter(
      (item) => !items(one).includes(item),
    );
    for (const item of not.filter((item) => item !== ""))
      expect(await refused(one.attributionToken, item)).toBe("the answer did not have the item");
    expect(items(other)).not.toEqual(items(one));
  });

  it("has it from this shop's key, or it does not count", async () => {
    const results = [{ row: 0, source: "model" as const }];
    const answer = { model: "m", scenario: "similar" as const, results };
    const ids = { idHashOf: () => murmur3("dome") };
    const made = (key: Uint8Array, days: number) =>
      createTokens(key).sign({ ...answer, ids, at: Date.now() - days * 86_400_000 });
    expect(await refused(made(Buffer.alloc(32, "other"), 0), "dome")).toBe("the token is not one of ours");
    expect(await refused(made(TOKEN_KEY, 8), "dome")).toBe("the token has expired");
    expect((await send(made(TOKEN_KEY, 6), "dome", "late")).accepted).toBe(1);
  });

  it("learns nothing of a customer from it", async () => {
    const { attributionToken } = await answer("browsed=tent,mug&basket=stove&purchased=secret-item");
    const text = Buffer.from(attributionToken, "base64url").toString("latin1");
    for (const id of ["tent", "mug", "stove", "secret-item"]) expect(text).not.toContain(id);
  });
});
