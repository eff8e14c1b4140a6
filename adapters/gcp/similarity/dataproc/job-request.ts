import { isDeepStrictEqual } from "node:util";
import { Type, type Static } from "typebox";
import { Value } from "typebox/value";
import {
  buyersOf,
  peopleRulesOf,
  scopeBoundsOf,
  type SimilarityRequest,
} from "../../../../contracts/jobs.ts";
import { paths } from "../../../../contracts/layout.ts";
import { ExportMetrics, SimilarityCounts, type SimilarityMetrics } from "../../../../contracts/metrics.ts";
import { Problem } from "../../../../contracts/problem.ts";
import { alsKnobsOf, type AlsKnobs } from "../../../../contracts/settings/als.ts";
import { reviewKnobsOf } from "../../../../contracts/settings/reviews.ts";
import type { Settings } from "../../../../contracts/settings/settings.ts";
import { knobsOfAll, type Knob, type Knobs } from "../../../../contracts/settings/similarity.ts";
import { MAIN_TABLE, perTable, TABLE_NAMES } from "../../../../contracts/tables.ts";
import { inertWeights } from "../../../../night/run/inert-weights.ts";
import { peopleWarnings } from "../../../../night/run/people-warnings.ts";
import { scopeWarnings } from "../../../../night/run/scope-warnings.ts";
import type { Objects } from "../../../../night/state/objects.ts";
import { metricsOf, type StageContext, type StageState } from "../../../../night/run/stage.ts";

/**
 * Linux limits one argument to 128 KiB. Here that is the shell's whole line, with its quotes
 * escaped.
 */
const LONGEST_ARGUMENT = 120 * 1024;

/** The output folder of an attempt at the similarity stage, below the data bucket. */
const outputOf = ({ manifest: { shop, run }, attempt }: StageContext) => paths.similarity(shop, run, attempt);

/**
 * The similarity job's argument: the pinned exports, and all settings that define similarities and
 * factors.
 * @throws Problem when it is longer than an argument can be, or asks for what Spark does not have.
 */
export function similarityRequest(context: StageContext): string {
  const { manifest, settings } = context;
  const { days, reviews } = metricsOf(manifest, "export", ExportMetrics);
  const inBucket = (path: string) => `${settings.data}/${path}`;
  const { options, tables } = knobsIn(settings);
  const scopes = scopeBoundsOf(settings);
  const als = alsKnobsOf(settings);
  refuseExponent(als, manifest.run);
  const request: SimilarityRequest = {
    shop: manifest.shop,
    run: manifest.run,
    interactions: days.map(({ interactions }) => inBucket(interactions)),
    items: days.map(({ items }) => inBucket(items)),
    output: inBucket(outputOf(context).folder),
    scenarios: perTable((_, { events }) => [...events]),
    options,
    ...(Object.keys(tables).length > 0 ? { tables } : {}),
    people: peopleRulesOf(settings),
    buyers: buyersOf(manifest.lastDay),
    ...(scopes ? { scopes } : {}),
    ...(reviews ? { reviews: { folder: inBucket(reviews.folder), ...reviewKnobsOf(settings) } } : {}),
    ...(als.factors > 0 ? { als } : {}),
  };
  // YARN reads `{{` and `}}` in an argument as its own marks and removes them.
  const text = JSON.stringify(request).replace(/\}(?=\})/g, "} ");
  const escaped = Buffer.byteLength(text) + (text.match(/"/g)?.length ?? 0);
  if (escaped <= LONGEST_ARGUMENT) return text;
  throw new Problem({
    doing: `Asking for the similarities of run ${manifest.run}`,
    why: `the folders of ${days.length} days are more than a program's argument can hold`,
    next: "set days to fewer",
  });
}

/** The job refuses it too, but only on a cluster that has been paid for. */
/** The knobs of the main table, and of each other one those that differ. */
function knobsIn(settings: Settings): Required<Pick<SimilarityRequest, "options" | "tables">> {
  // A table of its own gamma must not lend it to the others.
  const all = knobsOfAll(settings);
  const { gamma: _, ...main } = all[MAIN_TABLE];
  const options: Knobs = { ...main, ...(settings.gamma === undefined ? {} : { gamma: settings.gamma }) };
  const others = TABLE_NAMES.map((name) => {
    const knobs = Object.entries(all[name]);
    return [
      name,
      Object.fromEntries(knobs.filter(([knob, value]) => !isDeepStrictEqual(value, options[knob as Knob]))),
    ];
  });
  return { options, tables: Object.fromEntries(others.filter(([, knobs]) => Object.keys(knobs).length > 0)) };
}

function refuseExponent({ factors, exponent }: AlsKnobs, run: string): void {
  if (factors === 0 || exponent === 1) return;
  throw new Problem({
    doing: `Asking for the factors of run ${run}`,
    why: `als.exponent is ${exponent}, and Spark's ALS knows 1 only: lambda times a row's entries`,
    next: "set als.exponent to 1, or als.factors to 0",
  });
}

/** The job's results. It writes its counts last of all: once they exist, the stage is done. */
export async function similarityResult(objects: Objects, context: StageContext): Promise<StageState> {
  const output = outputOf(context);
  const { neighbours, catalogue, buyers, scopeItems, userFactors, itemFactors, metrics: path } = output;
  const stored = await objects.get(path);
  const counts = stored && parse(new TextDecoder().decode(stored.data));
  const wrong = stored ? Value.Errors(SimilarityCounts, counts)[0] : undefined;
  if (!stored || wrong) {
    const why = wrong ? `${wrong.instancePath || "it"} ${wrong.message}` : "the job ended well without it";
    const next =
      "are the jobs in the bucket of this release? `infra/deploy` puts them there; then run the stage again";
    const reason = new Problem({ doing: `Reading ${settingsPath(context, path)}`, why, next }).message;
    return { state: "failed", reason, retry: false };
  }
  const found = counts as SimilarityCounts;
  const factors = found.factors ? { userFactors, itemFactors } : {};
  const scopes = found.scopes?.listed ? { scopeItems } : {};
  const { settings } = context;
  const knobs = knobsOfAll(settings);
  const folders = { neighbours, catalogue, buyers, ...scopes, ...factors };
  const metrics: SimilarityMetrics = { ...folders, ...found, knobs };
  const warnings = [
    ...inertWeights(settings),
    ...peopleWarnings(found.people, settings),
    ...scopeWarnings(found.scopes, settings),
  ];
  return { state: "done", metrics, warnings };
}

const Said = Type.Object({ doing: Type.String(), why: Type.String(), next: Type.String() });

/** The job's own reason for its failure; undefined if it died without one. */
export async function similarityProblem(
  objects: Objects,
  context: StageContext,
): Promise<Static<typeof Said> | undefined> {
  const stored = await objects.get(outputOf(context).problem);
  const said = stored && parse(new TextDecoder().decode(stored.data));
  return Value.Check(Said, said) ? said : undefined;
}

const settingsPath = ({ settings }: StageContext, path: string) => `${settings.data}/${path}`;

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
