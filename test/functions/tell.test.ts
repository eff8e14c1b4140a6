import { expect, it } from "vitest";
import { tell } from "../../functions/tell.ts";
import type { Taken } from "../../night/run/chain.ts";
import { finishedManifest } from "../finished-manifest.ts";

const snapshot = { path: "", bytes: 0, sha256: "0".repeat(64) };
const manifest = finishedManifest("toys", "2026-11-21.1", { items: 1, snapshot });

const toldOf = (metrics: Record<string, unknown>, warnings: string[] = []) => {
  const lines: unknown[] = [];
  const step = { stage: "publish", attempt: 1, state: "done", metrics, warnings } as const;
  tell((...line) => lines.push(line), { outcome: "taken", step, manifest } as Taken);
  return lines;
};

it("A publication is told, and a fall in quality is an error that an alarm waits for", () => {
  const fall = "recommendations got worse at finding what people bought: NDCG@10 was 0.2, and is 0.1";
  expect(toldOf({ publication: "published", fell: true }, ["a note", fall])).toMatchObject([
    ["INFO", "publish is done", { stage: "publish", event: "published", warnings: ["a note", fall] }],
    ["ERROR", `Night 2026-11-21.1 of toys: ${fall}`, { stage: "publish", event: "quality fell" }],
  ]);
  expect(toldOf({ publication: "held", fell: false })).toMatchObject([["INFO", "publish is done", {}]]);
});
