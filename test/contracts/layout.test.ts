import { describe, expect, it } from "vitest";
import * as layout from "../../contracts/layout.ts";

const { paths } = layout;
const [SHOP, RUN, DAY] = ["toys", "2026-11-21.2", "2026-11-21"];
const exported = paths.exportOf(DAY, layout.exportName(RUN, 3));

const OTHER_USERS = layout.userFactorsBeside(
  paths.load(SHOP, RUN, 1).userFactors,
  "0123456789abcdef".repeat(4),
);

const STOCK = paths.stockFile(SHOP, "0123456789abcdef".repeat(4));

const EXPECTED: [string, string][] = [
  [paths.shop(SHOP), "shops/toys/"],
  [paths.pointer(SHOP), "shops/toys/current.json"],
  [paths.blockList(SHOP), "shops/toys/blocked.json"],
  [paths.stock(SHOP), "shops/toys/stock.json"],
  [paths.keys(SHOP), "shops/toys/keys.json"],
  [paths.erased(SHOP), "shops/toys/erased.json"],
  [paths.settings(SHOP), "shops/toys/settings.json"],
  [paths.tuned(SHOP), "shops/toys/tuned.json"],
  [paths.study(SHOP, "similar"), "shops/toys/tuning/similar.json"],
  [paths.manifest(SHOP, RUN), "shops/toys/runs/2026-11-21.2/manifest.json"],
  [paths.rejects(SHOP, RUN, 3), "shops/toys/runs/2026-11-21.2/rejects.3.csv"],
  [paths.exportSpill(SHOP, RUN, 3), "shops/toys/runs/2026-11-21.2/.tmp-export-3"],
  [paths.interactions(SHOP) + exported, "shops/toys/interactions/day=2026-11-21/export=2026-11-21.2-3/"],
  [paths.items(SHOP) + exported, "shops/toys/items/day=2026-11-21/export=2026-11-21.2-3/"],
  [paths.model(SHOP, RUN), "shops/toys/models/2026-11-21.2/"],
  [paths.similarity(SHOP, RUN, 1).neighbours, "shops/toys/models/2026-11-21.2/similarity=1/neighbours/"],
  [paths.similarity(SHOP, RUN, 1).catalogue, "shops/toys/models/2026-11-21.2/similarity=1/catalogue/"],
  [paths.similarity(SHOP, RUN, 1).metrics, "shops/toys/models/2026-11-21.2/similarity=1/metrics.json"],
  [paths.similarity(SHOP, RUN, 1).problem, "shops/toys/models/2026-11-21.2/similarity=1/problem.json"],
  [paths.load(SHOP, RUN, 1).snapshot, "shops/toys/models/2026-11-21.2/load=1/snapshot.arrow"],
  [paths.load(SHOP, RUN, 1).itemFactors, "shops/toys/models/2026-11-21.2/load=1/item-factors.arrow"],
  [paths.load(SHOP, RUN, 1).userFactors, "shops/toys/models/2026-11-21.2/load=1/user-factors.arrow"],
  [OTHER_USERS, "shops/toys/models/2026-11-21.2/load=1/user-factors.0123456789abcdef.arrow"],
  [paths.load(SHOP, RUN, 1).rejects, "shops/toys/models/2026-11-21.2/load=1/rejects"],
  [STOCK, "shops/toys/stock/0123456789abcdef.arrow"],
  [paths.attribution(SHOP) + paths.attributionOf(DAY, 1), "attribution/toys/2026-11-21.1.ndjson"],
  [paths.tokenKey, "token.key"],
  [layout.jobFiles.loadTemplate, "jobs/load-template.json"],
];
const all = EXPECTED.map(([path]) => path);

describe("the layout", () => {
  it.each(EXPECTED)("makes %s", (made, expected) => expect(made).toBe(expected));

  it("tells whose a path is, and only of those that have an owner", () => {
    const answers = (question: (path: string) => string | undefined) =>
      all.filter((path) => question(path) !== undefined).map((path) => [path, question(path)]);
    expect(answers(layout.runOfManifest)).toEqual([[paths.manifest(SHOP, RUN), RUN]]);
    expect(answers(layout.runOfRejects)).toEqual([[paths.rejects(SHOP, RUN, 3), RUN]]);
    const exports = [paths.interactions(SHOP) + exported, paths.items(SHOP) + exported];
    expect(answers(layout.runOfExport)).toEqual(exports.map((path) => [path, RUN]));
    const inModels = all.filter((path) => path.startsWith(paths.models(SHOP)));
    expect(answers(layout.modelOf)).toEqual(inModels.map((path) => [path, RUN]));
    const { snapshot, itemFactors, userFactors } = paths.load(SHOP, RUN, 1);
    expect(all.filter(layout.isModelFile)).toEqual([snapshot, itemFactors, userFactors, OTHER_USERS, STOCK]);
    expect(all.filter(layout.isUserFactorFile)).toEqual([userFactors, OTHER_USERS]);
  });

  it("has seven files beside the pointer, and none of them further below", () => {
    const seven = (Object.keys(layout.POINTER_FILES) as (keyof typeof layout.POINTER_FILES)[]).map((name) =>
      paths[name](SHOP),
    );
    expect(all.filter(layout.isBesidePointer)).toEqual(seven);
    expect(layout.isBesidePointer("shops/toys/runs/current.json")).toBe(false);
    expect(["", "shops/", paths.shop(SHOP), "shops/toys/b"].every(layout.mayReachPointer)).toBe(true);
    expect([paths.runs(SHOP), paths.models(SHOP)].some(layout.mayReachPointer)).toBe(false);
  });

  it("knows the files like one of a folder's", () => {
    expect(layout.filesLike(`${exported}${layout.PART}`)).toBe("*.parquet");
    expect(layout.filesLike(`${exported}part-0.json`)).toBe("*.json");
    expect(layout.filesLike(`${exported}000000000000.ndjson.gz`)).toBe("*.ndjson.gz");
  });

  it("knows the format of a file of rows", () => {
    expect(layout.formatOf(`${exported}${layout.PART}`)).toBe("parquet");
    expect(layout.formatOf(`${exported}000000000000.ndjson.gz`)).toBe("ndjson");
  });
});
