import { describe, expect, it } from "vitest";
import { classified, startClassifier } from "../../stand-in-classifier.ts";
import { closing, dataFolder, recommender, soon } from "../personal/service.ts";
import type { ReviewAnswer } from "../../../contracts/http/reviews.ts";
import { get, page, post } from "./service.ts";

type Says = Parameters<typeof startClassifier>[0];
const classifier = async (...args: Parameters<typeof startClassifier>) =>
  closing(await startClassifier(...args));

/** Positive, but for texts with the word bad. */
const judge: Says = ({ request }) => classified(request.text.includes("bad") ? 0.1 : 0.9);

const PATIENT = {
  "reviews.on": true,
  "reviews.perHour": 1000,
  "reviews.perItem": 1000,
  "reviews.callMs": 10_000,
};
const scoring = async (address: string, change: object = {}) =>
  recommender(await dataFolder(), {
    ...PATIENT,
    "reviews.address": address,
    "reviews.breakMs": 100,
    ...change,
  });

type Running = Awaited<ReturnType<typeof recommender>>;
const sentimentOf = async (server: Running, { review }: ReviewAnswer) =>
  (await get<ReviewAnswer>(server, `/reviews/${review}`)).answer.sentiment;
const metrics = async ({ opsUrl }: Running) => (await fetch(`${opsUrl}/metrics`)).text();
const line = (name: string, value: number, labels = "") =>
  `steamer_reviews_${name}{shop="toys"${labels}} ${value}`;

describe("a review", () => {
  it("gets its sentiment, within the trace of its request, and so does its item", async () => {
    const service = await classifier(judge);
    const server = await scoring(service.address);
    const trace = "0af7651916cd43dd8448eb211c80319c";
    const traced = { traceparent: `00-${trace}-b7ad6b7169203331-01` };
    const good = await post(server, { text: "good" }, traced);
    const bad = await post(server, { text: "bad", user: "bob", stars: 5 });
    await soon(() => sentimentOf(server, good.answer)).toBe(0.9);
    await soon(() => sentimentOf(server, bad.answer)).toBe(0.1);
    const { rating } = (await page(server, good.answer.item)).answer;
    expect(rating).toEqual({ stars: 4.5, reviews: 2, sentiment: 0.5 });
    expect(service.calls.map(({ request }) => request.text)).toEqual(["good", "bad"]);
    expect(String(service.calls[0].metadata.get("traceparent")[0])).toContain(`00-${trace}-`);
    await soon(() => metrics(server)).toContain(line("scored", 1, ',label="NEGATIVE"'));
    expect(await metrics(server)).toContain(line("tasks_total", 2, ',outcome="scored"'));
    expect(await metrics(server)).toContain(line("waiting", 0, ',again="no"'));
  });

  it("of blanks is never sent to the service", async () => {
    const service = await classifier(judge);
    const server = await scoring(service.address);
    for (const text of ["", " \n"]) await post(server, { text });
    const { answer } = await post(server, { text: "good" });
    await soon(() => sentimentOf(server, answer)).toBe(0.9);
    expect(service.calls).toHaveLength(1);
  });

  it("whose text the service refuses is set aside, and the item's next one is scored", async () => {
    const service = await classifier((call) =>
      call.request.text === "poison" ? "INVALID_ARGUMENT" : judge(call),
    );
    const server = await scoring(service.address);
    const poison = await post(server, { text: "poison" });
    const next = await post(server, { text: "good" });
    await soon(() => sentimentOf(server, next.answer)).toBe(0.9);
    expect(await sentimentOf(server, poison.answer)).toBeNull();
    await soon(() => metrics(server)).toContain(line("failed", 1));
  });

  it.each(["INTERNAL", "hang"])(
    "whose text always fails is set aside when others do not: %s",
    async (how) => {
      const service = await classifier((call) => {
        if (call.request.text !== "poison") return judge(call);
        return how === "hang" ? new Promise(() => {}) : "INTERNAL";
      });
      // The plain text must come within the deadline on a busy machine, too.
      const quick = { "reviews.callMs": 2_000, "reviews.retries": 0, "reviews.attempts": 1 };
      const server = await scoring(service.address, quick);
      await post(server, { text: "poison" });
      const next = await post(server, { text: "good" });
      await soon(() => sentimentOf(server, next.answer)).toBe(0.9);
      await soon(() => metrics(server)).toContain(line("failed", 1));
      expect(service.calls.map(({ request }) => request.text)).toEqual(["poison", "good", "poison", "good"]);
    },
  );

  it("waits as long as the service is down, and is scored in the order of its item then", async () => {
    const service = await classifier(() => "UNAVAILABLE");
    const server = await scoring(service.address, { "reviews.retries": 0 });
    const sent: ReviewAnswer[] = [];
    for (let k = 0; k < 8; k++) sent.push((await post(server, { text: `${k}`, item: `i${k % 2}` })).answer);
    await soon(() => metrics(server)).toContain(line("breaker", 1, ',state="open"'));
    await soon(() => metrics(server)).toContain(line("waiting", 8, ',again="no"'));
    const answered: string[] = [];
    service.answer((call) => {
      answered.push(call.request.text);
      return judge(call);
    });
    for (const each of sent) await soon(() => sentimentOf(server, each)).toBe(0.9);
    const ofItem = (parity: number) =>
      answered.filter((text) => Number(text) % 2 === parity && text !== "good");
    expect([ofItem(0), ofItem(1)]).toEqual([
      ["0", "2", "4", "6"],
      ["1", "3", "5", "7"],
    ]);
    expect(await metrics(server)).toContain(line("failed", 0));
  });

  it("stored before there was a service is scored once there is one", async () => {
    const data = await dataFolder();
    const first = await recommender(data, PATIENT);
    const { answer } = await post(first);
    await first.close();
    const service = await classifier(judge);
    const second = await recommender(data, { ...PATIENT, "reviews.address": service.address });
    await soon(() => sentimentOf(second, answer)).toBe(0.9);
  });

  it("is scored once, whichever of two recommenders takes it", async () => {
    const service = await classifier(judge);
    const data = await dataFolder();
    const settings = { ...PATIENT, "reviews.address": service.address };
    const servers = [await recommender(data, settings), await recommender(data, settings)];
    const sent = await Promise.all(
      Array.from({ length: 40 }, (_, k) =>
        post(servers[k % 2], { item: `i${k % 7}`, text: `${k}`, user: `u${k}` }),
      ),
    );
    for (const { answer } of sent) await soon(() => sentimentOf(servers[0], answer)).toBe(0.9);
    expect(service.calls.map(({ request }) => request.text).toSorted()).toEqual(
      sent.map(({ answer }) => answer.text).toSorted(),
    );
  });
});
