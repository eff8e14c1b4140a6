import { answersFrom } from "../contracts/settings/query.ts";
import type { Settings } from "../contracts/settings/settings.ts";
import { Problem } from "../contracts/problem.ts";
import { personalModel, type PersonalModel } from "../core/personal/personal-model.ts";
import { openFactors } from "../night/state/factors.ts";
import type { KnownErasures } from "../night/state/erased-list.ts";
import type { Objects } from "../night/state/objects.ts";
import { filesOfModel } from "../night/state/model-file.ts";
import { openSnapshot } from "../night/state/snapshot.ts";
import { remembered } from "../serving/remembered.ts";
import { inSlices } from "../serving/slices.ts";

/** A model in memory. */
export interface LoadedModel extends PersonalModel {
  name: string;
  /** The erasures of users that its export knew of. */
  known: KnownErasures;
  /** The rows of items that are taken down. */
  rowsOf(blocked: ReadonlySet<string>): number[];
}

/**
 * Loads a model.
 * @throws Problem when it has no factors, is missing, damaged or does not fit.
 */
export async function loadPersonalModel(
  objects: Objects,
  settings: Settings,
  name: string,
): Promise<LoadedModel> {
  const { shop } = settings;
  const files = await filesOfModel(objects, shop, name, (data) => inSlices.sha256(data));
  if (!files.loaded.factors) throw withoutFactors(shop, name);
  const snapshot = await openSnapshot(files, inSlices);
  const factors = (await openFactors(files, snapshot.items, inSlices))!;
  const rowsOf = remembered((blocked: ReadonlySet<string>) =>
    snapshot.findAll([...blocked]).filter((row) => row >= 0),
  );
  return {
    ...personalModel(snapshot, factors, answersFrom(settings, files.answers)),
    name,
    known: files.known,
    rowsOf,
  };
}

function withoutFactors(shop: string, model: string): Problem {
  const next = "set als.factors above 0, and run a night; until then the model before stays";
  return new Problem({
    doing: `Loading model ${model} of ${shop}`,
    why: "it was made without factors",
    next,
  });
}
