import { describe, expect, it } from "vitest";
import type { Hindsight } from "../../../contracts/hindsight.ts";
import type { Manifest } from "../../../contracts/manifest.ts";
import { Problem } from "../../../contracts/problem.ts";
import type { Done } from "../../../core/evaluation/hindsight.ts";
import type { ReadBuyers } from "../../../night/publish/hindsight.ts";
import { openRun } from "../../../night/run/open-run.ts";
import { advance } from "../../../night/run/run.ts";
import { readPointer, rollback } from "../../../night/state/pointer.ts";
import { modelStages, scriptedNight, settingsWith, smallSnapshot } from "../shop.ts";

type ScriptedNight = ReturnType<typeof scriptedNight>;

/** Runs the night of a day, at one o'clock of the next. */
async function nightOf(
  night: ScriptedNight,
  lastDay: string,
  buyers: Done[] | ReadBuyers = [],
  snapshot = smallSnapshot(20),
): Promise<Manifest> {
  const readBuyers = typeof buyers === "function" ? buyers : async () => buyers;
  Object.assign(
    night.stages,
    modelStages(night, () => snapshot, readBuyers),
  );
  night.clock = new Date(Date.parse(`${lastDay}T01:00:00Z`) + 24 * 3600 * 1000);
  const run = await openRun(night, { lastDay, versions: {}, fingerprint: {}, isAlive: () => false });
  while (await advance(night, run));
  return run.document.value;
}

const item = (k: number) => `item-${String(k).padStart(4, "0")}`;
const hindsightIn = ({ stages }: Manifest) => stages.publish.metrics?.["hindsight"];

/**
 * Users who looked at the first items before, and then bought one. The items of the small snapshot
 * are all alike, so that those not seen are answered by their ids.
 */
const buying = (users: number, bought: string, seen = 15): Done[] =>
  Array.from({ length: users }, (_, u) => `user-${u}`).flatMap((user) => [
    ...Array.from({ length: seen }, (_, k) => {
      return { user, item: item(k), event: "view_item", lastAt: k, isOfDay: false } as const;
    }),
    { user, item: bought, event: "purchase", lastAt: 99, isOfDay: true } as const,
  ]);

describe("hindsight", () => {
  it("scores the model that served on the day, beside the most popular items", async () => {
    const night = scriptedNight();
    await nightOf(night, "2026-11-20");
    const strangers = buying(1, "unheard of", 1).map((row) => ({ ...row, user: "eve" }));
    const found = await nightOf(night, "2026-11-21", [...buying(3, item(2), 1), ...strangers]);
    const { day, model, deeds } = hindsightIn(found) as Hindsight;
    expect({ day, model }).toEqual({ day: "2026-11-21", model: "2026-11-20.1" });
    const { users, tables, mostPopular } = deeds.purchase!;
    expect(users).toBe(4);
    // Three find theirs at rank 2, one never.
    const ndcg10 = Math.round((1e6 * 3) / 4 / Math.log2(3)) / 1e6;
    expect(tables.similar).toMatchObject({ recall10: 0.75, ndcg10, coverage10: 0.5, popular: 0 });
    expect(tables.similar.standardError).toBeCloseTo(0.1577, 4);
    expect(mostPopular).toMatchObject({ ndcg10, popular: 1 });
    expect(deeds.add_to_cart).toBeUndefined();
  });

  it("is not asked for the first model, a model that has seen the day, or one without a file", async () => {
    const night = scriptedNight();
    const whyOf = async (found: Promise<Manifest>) => hindsightIn(await found);
    expect(await whyOf(nightOf(night, "2026-11-20", buying(3, item(15))))).toMatchObject({
      why: "no model has served before",
    });
    expect(await whyOf(nightOf(night, "2026-11-20", buying(3, item(15))))).toMatchObject({
      why: "the serving model 2026-11-20.1 was made with the events of this day",
    });
    expect(await whyOf(nightOf(night, "2026-11-21", async () => undefined))).toMatchObject({
      why: expect.stringContaining("has not written who bought"),
    });
    expect(await whyOf(nightOf(night, "2026-11-22", []))).toMatchObject({
      why: expect.stringContaining("nobody with a history"),
    });
  });

  it("that cannot be read is a warning, and holds no model back", async () => {
    const night = scriptedNight();
    await nightOf(night, "2026-11-20");
    const damaged = async () => {
      throw new Problem({ doing: "Reading buyers/", why: "it is no Parquet", next: "nothing" });
    };
    const found = await nightOf(night, "2026-11-21", damaged);
    expect(found.warnings).toEqual([
      expect.stringMatching(/how good the serving model was on 2026-11-21.*no Parquet/),
    ]);
    expect((await readPointer(night.objects, "toys"))!.value.model).toBe("2026-11-21.1");
  });

  it("asks few who filled a basket where many bought, and all where few did", async () => {
    const asked: number[] = [];
    const readers = (users: number) => async (most: { add_to_cart: number }) => {
      asked.push(most.add_to_cart);
      return buying(users, item(15));
    };
    const night = scriptedNight();
    await nightOf(night, "2026-11-20");
    await nightOf(night, "2026-11-21", readers(200));
    await nightOf(night, "2026-11-22", readers(199));
    expect(asked).toEqual([200, 200, 2000]);
  });

  it("after a rollback scores the model that was gone back to", async () => {
    const night = scriptedNight();
    await nightOf(night, "2026-11-20");
    await nightOf(night, "2026-11-21");
    await rollback(night.objects, { shop: "toys", reason: "odd", now: night.now() });
    const found = await nightOf(night, "2026-11-22", buying(3, item(15)));
    expect(hindsightIn(found)).toMatchObject({ model: "2026-11-20.1" });
  });
});

describe("a fall in quality", () => {
  const fall = async (users: number, change = {}) => {
    const night = scriptedNight({}, settingsWith(change));
    await nightOf(night, "2026-11-20");
    await nightOf(night, "2026-11-21", buying(users, item(15)));
    return nightOf(night, "2026-11-22", buying(users, "unheard of"));
  };

  it("is an alarm", async () => {
    const { warnings, stages } = await fall(40);
    expect(warnings).toEqual([
      expect.stringMatching(
        /NDCG@10 was 1.0000 ± 0.0000 on 2026-11-21 \(model 2026-11-20.1\), and is 0.0000 ± 0.0000 on 2026-11-22/,
      ),
    ]);
    expect(stages.publish.metrics).toMatchObject({ fell: true, publication: "published" });
  });

  it("of a few users is none, nor where nobody wants to know", async () => {
    expect((await fall(20)).warnings).toEqual([]);
    expect((await fall(40, { maxFall: 0 })).warnings).toEqual([]);
  });
});

describe("the gate", () => {
  const nextNight = async (change = {}) => {
    const night = scriptedNight({}, settingsWith(change));
    await nightOf(night, "2026-11-20");
    return nightOf(night, "2026-11-21", buying(40, item(15)), smallSnapshot(15));
  };

  it("holds back a model that finds less of the last day than the serving one", async () => {
    const { reason } = (await nextNight()).stages.publish;
    expect(reason).toMatch(/new model's table similar finds what people bought on 2026-11-21 less often/);
    expect(reason).toMatch(/NDCG@10 differs by -1.0000.*\(maxFall\).*--force/s);
  });

  it("goes by baskets where too few bought", async () => {
    const night = scriptedNight();
    await nightOf(night, "2026-11-20");
    const filling = buying(40, item(15)).map((row) =>
      row.event === "purchase" ? ({ ...row, event: "add_to_cart" } as const) : row,
    );
    const few = buying(3, item(16)).map((row) => ({ ...row, user: `buyer of ${row.user}` }));
    const { stages } = await nightOf(night, "2026-11-21", [...filling, ...few], smallSnapshot(15));
    expect(stages.publish.reason).toMatch(/finds what people put into the basket on 2026-11-21 less often/);
  });

  it("lets it pass where nobody asks for it", async () => {
    expect((await nextNight({ maxFall: 0 })).stages.publish.state).toBe("done");
  });
});
