import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Datastore } from "@google-cloud/datastore";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadStage } from "../../../adapters/gcp/load/load-stage.ts";
import { openDatastoreLists } from "../../../adapters/gcp/personal/lists.ts";
import { similarityStage } from "../../../adapters/gcp/similarity/similarity-stage.ts";
import { literal, openDuckDB } from "../../../adapters/local/duckdb.ts";
import { DATASTORE, neighboursKey } from "../../../contracts/datastore.ts";
import { jobFiles, paths } from "../../../contracts/layout.ts";
import type { LoadMetrics, ModelFile, SimilarityMetrics } from "../../../contracts/metrics.ts";
import type { Settings } from "../../../contracts/settings/settings.ts";
import { decodingItemFactors, decodingUserFactors } from "../../../core/factors/decode-factors.ts";
import { atOnce, decodeSnapshot, type Snapshot } from "../../../core/model/decode.ts";
import type { Stage, StageContext, StageState } from "../../../night/run/stage.ts";
import { similarityCases } from "../../golden.ts";
import { packedSparkJob } from "../../cloud/spark-package.ts";
import { startCloud, type Cloud } from "../../stand-ins/cloud.ts";
import { sparkAvailable } from "../../stand-ins/dataproc/spark.ts";
import metadata from "../../../templates/metadata.json" with { type: "json" };
import { BUCKET, RUN, exported, shopOn } from "./stage-context.ts";

const DAY = "2026-11-21";
const OLD = "2026-11-10.1";
const golden = similarityCases.find(({ name }) => name.startsWith("the article's fixture of four users"))!;
const at = (path: string) => `gs://${BUCKET}/${path}`;

let cloud: Cloud;
let shop: Awaited<ReturnType<typeof shopOn>>;

beforeAll(async () => {
  const services = ["storage", "dataproc", "dataflow", "datastore"] as const;
  cloud = await startCloud({ services: [...services], buckets: [BUCKET] });
  // Enough iterations for one checkpoint in the bucket.
  const als = { "als.factors": 4, "als.iterations": 5 };
  shop = await shopOn(cloud, { stores: "both", ...(golden.options as Partial<Settings>), ...als });
  const image = { image: "images/load", sdkInfo: { language: "PYTHON" } };
  await cloud.files.write(at(jobFiles.loadTemplate), JSON.stringify({ ...image, metadata }));
  for (const [name, bytes] of await packedSparkJob())
    await cloud.files.write(at(`${jobFiles.folder}${name}`), bytes);
  await writeExport();
}, 900_000);
afterAll(() => cloud?.close());

async function writeExport(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "steamer-test-"));
  const { connection, close } = await openDuckDB();
  const [{ interactions, items }] = exported([DAY]).days;
  const write = async (path: string, rows: string) => {
    await connection.run(`COPY (${rows}) TO ${literal(join(folder, "part-0.parquet"))} (FORMAT parquet)`);
    await cloud.files.uploadFolder(folder, at(path));
  };
  const rows = golden.interactions.map(
    ([user, item, event, count], k) => `('${user}', '${item}', '${event}', ${count}, ${k})`,
  );
  await write(
    interactions,
    `SELECT "user", item, event, count::BIGINT AS count, lastAt::BIGINT AS "lastAt", DATE '${DAY}' AS day
     FROM (VALUES ${rows.join(", ")}) AS rows ("user", item, event, count, lastAt)`,
  );
  await write(
    items,
    `SELECT item, 'The ' || item AS name, 'things' AS category, 2.5 AS price, 1::BIGINT AS "lastAt", DATE '${DAY}' AS day
     FROM (VALUES ('sku0'), ('sku1')) AS rows (item)`,
  );
  close();
  rmSync(folder, { recursive: true });
}

async function outcome(stage: Stage, context: StageContext): Promise<StageState> {
  const operation = await stage.start(context);
  for (;;) {
    const looked = await stage.poll(context, operation);
    if (looked.state !== "running") return looked;
    await sleep(200);
  }
}

/** What a stage leaves in the manifest; its reason, where a test expected it to succeed. */
function metricsOf<T>(state: StageState): T {
  if (state.state === "done") return state.metrics as T;
  throw new Error(JSON.stringify(state));
}

const listsOf = ({ items, tableOf, idOf }: Snapshot) => {
  const similar = tableOf("similar");
  return Object.fromEntries(
    Array.from({ length: items }, (_, row) => {
      const places = Array.from(
        { length: similar.offset[row + 1] - similar.offset[row] },
        (_, k) => similar.offset[row] + k,
      );
      return [idOf(row), places.map((k) => [idOf(similar.item[k]), similar.score[k] / 1e6])];
    }),
  );
};

/** Where Google's emulator is not installed there is no Datastore to fill. */
const hasDatastore = () => cloud.endpoints.datastore !== undefined;

// Without Maven there is no connector for gs://, and no Spark job.
describe.skipIf(!sparkAvailable())(
  "the real Spark job and the real Beam pipeline, as the stages start them",
  () => {
    let similarity: SimilarityMetrics;
    let loaded: LoadMetrics;

    it("find the golden neighbours, and leave no cluster behind", async () => {
      const context = shop.contextOf({ export: exported([DAY]) });
      similarity = metricsOf(await outcome(similarityStage(shop.objects), context));
      expect(similarity).toMatchObject({
        items: 4,
        users: 4,
        neighbours: expect.stringContaining("similarity=1/"),
      });
      expect(cloud.dataproc.clusters()).toEqual([]);
      const snapshotAlone = {
        ...shop.contextOf({ similarity }),
        settings: { ...shop.settings, stores: "snapshot" as const },
      };
      loaded = metricsOf<LoadMetrics>(await outcome(loadStage(shop.objects), snapshotAlone));
      const snapshot = await cloud.files.read(at(loaded.snapshot.path));
      expect(listsOf(decodeSnapshot(snapshot))).toEqual(golden.neighbours);
    });

    it("find factors of users and items, of which the load stage makes files", async () => {
      const { folder, userFactors, itemFactors } = paths.similarity("toys", RUN, 1);
      const sizes = { factors: 4, iterations: 5, users: 4, items: 4, entries: 12 };
      const factors = { ...sizes, loss: expect.any(Number) };
      expect(similarity).toMatchObject({ userFactors, itemFactors, factors });
      expect((await shop.objects.list(folder)).filter((path) => path.includes(".tmp-"))).toEqual([]);
      const read = async ({ path }: ModelFile) => new Uint8Array(await cloud.files.read(at(path)));
      const items = atOnce(decodingItemFactors(await read(loaded.factors!.items), 4));
      const users = atOnce(decodingUserFactors(await read(loaded.factors!.users), items));
      expect([items.factors, users.factors.rows, users.histories.item.length]).toEqual([4, 4, 12]);
    });

    it("have the load stage compute lists ahead, and go on without where they cannot be stored", async (test) => {
      if (!hasDatastore()) return test.skip("gcloud's Datastore emulator is not installed");
      const settings = { ...shop.settings, stores: "snapshot" as const, "personal.ahead": 3 };
      const context = { ...shop.contextOf({ similarity }), settings };
      // Lists end before the stage's limit, which counts from here.
      context.manifest.stages.load.startedAt = new Date().toISOString();
      const first = await outcome(loadStage(shop.objects), context);
      expect(first).toMatchObject({ warnings: [] });
      const { ahead } = metricsOf<LoadMetrics>(first);
      expect(ahead).toEqual({ users: 3, seconds: expect.any(Number) });
      const lists = await openDatastoreLists(shop.settings, { cacheMs: 10_000, failed: () => {} });
      const users = golden.interactions.map(([user]) => user);
      const found = await Promise.all(
        [...new Set(users)].map((user) =>
          lists.get({ shop: "toys", model: RUN, scope: "", user }, Date.now()),
        ),
      );
      expect(found.filter((list) => list?.from === "model")).toHaveLength(3);
      cloud.faults.add({ call: "Datastore.Commit", times: 9, error: { code: "PERMISSION_DENIED" } });
      const refused = await outcome(loadStage(shop.objects), context);
      cloud.faults.clear();
      expect(refused).toMatchObject({
        state: "done",
        metrics: { ahead: { users: 0 } },
        warnings: [expect.stringMatching(/^0 of 3 users' lists were computed ahead/)],
      });
    });

    it("say which file of an export is damaged", async () => {
      const broken = exported([DAY]);
      broken.days[0].interactions = "shops/toys/interactions/day=2026-11-21/export=broken/";
      const file = at(`${broken.days[0].interactions}part-0.parquet`);
      await cloud.files.write(file, "this is no Parquet file");
      const state = await outcome(similarityStage(shop.objects), shop.contextOf({ export: broken }));
      expect(state).toMatchObject({
        state: "failed",
        retry: false,
        reason: expect.stringMatching(/^Reading [^]+\n  Next: /),
      });
      expect(state).toHaveProperty("reason", expect.stringContaining(file));
      expect(cloud.dataproc.clusters()).toEqual([]);
    });

    it("fill Datastore, and delete what nothing needs any more", async (test) => {
      if (!hasDatastore()) return test.skip("gcloud's Datastore emulator is not installed");
      const entities = new Datastore({
        projectId: cloud.project,
        namespace: "toys",
        apiEndpoint: cloud.endpoints.datastore!,
      });
      const old = entities.key([DATASTORE.neighbours, neighboursKey("sku0", OLD)]);
      await entities.save({ key: old, data: { items: [] } });
      const pointer = { model: "2026-11-20.1", lastDay: "2026-11-20", previous: null, hold: null };
      await shop.objects.put(paths.pointer("toys"), JSON.stringify(pointer));
      const context = shop.contextOf({ similarity });
      const loaded = metricsOf<LoadMetrics>(await outcome(loadStage(shop.objects), context));
      expect(loaded.datastore).toEqual({ entities: 5, rejected: 0, deadLetters: null, deleted: 1 });
      const [found] = await entities.get(entities.key([DATASTORE.neighbours, neighboursKey("sku0", RUN)]));
      expect(found.items.map((item: string, k: number) => [item, found.scores[k]])).toEqual(
        golden.neighbours["sku0"],
      );
      expect(found).toMatchObject({ name: "The sku0", price: 2.5 });
      expect((await entities.get(old))[0]).toBeUndefined();
    });

    it("do not let a clean-up that fails keep a model from customers", async (test) => {
      if (!hasDatastore()) return test.skip("gcloud's Datastore emulator is not installed");
      const when = ({ mode }: { mode: string }) => mode === "clean";
      const error = { code: "UNKNOWN", message: "Workflow failed. Causes: quota" } as const;
      const clean = cloud.faults.add({ call: "Dataflow.job.run", when, hold: true, error });
      const context = { ...shop.contextOf({ similarity }), attempt: 2 };
      const stage = loadStage(shop.objects);
      const operation = await stage.start(context);
      const look = () => stage.poll(context, operation);
      await expect.poll(look, { timeout: 60_000 }).toMatchObject({ message: "deleting old models" });
      clean.release();
      await cloud.dataflow.idle();
      const state = await look();
      expect(metricsOf<LoadMetrics>(state).datastore).toEqual({
        entities: 5,
        rejected: 0,
        deadLetters: null,
      });
      expect(state).toHaveProperty("warnings", [
        expect.stringMatching(/^Old models were not deleted.*quota/),
      ]);
    });

    it("keep rejected rows aside, and fail when there are too many", async (test) => {
      if (!hasDatastore()) return test.skip("gcloud's Datastore emulator is not installed");
      // A row of an item that the catalogue has not.
      const folder = mkdtempSync(join(tmpdir(), "steamer-test-"));
      const { connection, close } = await openDuckDB();
      const row = `SELECT 'similar' AS scenario, 'unknown' AS item, [{item: 'sku0', score: 0.5::DOUBLE}] AS neighbours`;
      await connection.run(`COPY (${row}) TO ${literal(join(folder, "stray.parquet"))} (FORMAT parquet)`);
      close();
      await cloud.files.uploadFolder(folder, at(similarity.neighbours));
      const context = { ...shop.contextOf({ similarity }), attempt: 3 };
      const state = await outcome(loadStage(shop.objects), context);
      expect(state).toMatchObject({ state: "failed", retry: false });
      const [, letters] = /read why in (\S+)\*/.exec((state as { reason: string }).reason)!;
      const [file] = await cloud.files.list(`${letters}*`);
      expect((await cloud.files.read(file)).toString()).toContain("not_in_catalogue");
    });
  },
);
