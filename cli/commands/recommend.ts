import type { Command } from "commander";
import { Value } from "typebox/value";
import { openObjects } from "../../adapters/storage/choose.ts";
import { RecommendationQuery } from "../../contracts/http/recommendation.ts";
import { Problem } from "../../contracts/problem.ts";
import { TABLE_NAMES, TABLES } from "../../contracts/tables.ts";
import { PointedModel } from "../../recommender/model/current-model.ts";
import type { Query } from "../../core/ranking/answer.ts";
import { recommend, type LoadedModel } from "../../recommender/model/loaded-model.ts";
import { BadRequest } from "../../recommender/http/errors.ts";
import { readQuery } from "../../recommender/recommend/parse-query.ts";
import { openStore } from "../../recommender/model/open-store.ts";
import { settingsOf, withSettings } from "../options.ts";
import { table } from "../table.ts";
import { print, printJson } from "../print.ts";

export function addRecommend(program: Command): void {
  const scenarios = TABLE_NAMES.map((name) => TABLES[name].answers).join(", or ");
  const command = program
    .command("recommend")
    .description("ask the current model, as the storefront does")
    .option("--browsed <ids>", "items the customer looked at, comma-separated")
    .option("--basket <ids>", "items in the basket")
    .option("--purchased <ids>", "items the customer bought")
    .option("-n <number>", "how many results")
    .option(`--scenario <${TABLE_NAMES.join("|")}>`, scenarios)
    .option("--json", "print the answer as the service sends it");
  withSettings(command, "query", "shop").action(async (options) => {
    const settings = settingsOf(options);
    const objects = await openObjects(settings);
    const model = new PointedModel(objects, settings.shop, await openStore(settings, objects));
    const { problems } = await model.refresh();
    const current = model.get();
    if (!current) throw problems[0] ?? noModel(settings.shop);
    const answer = await recommend(current, await queryOf(options, current));
    if (options.json) return printJson(answer);
    const details = await current.describe(answer.results.map(({ item }) => item));
    const rows = answer.results.map(({ item, score, source }) => {
      return [item, details.get(item)?.name ?? "", score.toFixed(source === "model" ? 6 : 0), source];
    });
    print(table(["item", "name", "score", "source"], rows));
    if (answer.missingIds.length > 0)
      print(`Unknown to model ${answer.model}: ${answer.missingIds.join(", ")}`);
  });
}

async function queryOf(
  { browsed, basket, purchased, n, scenario }: Record<string, string | undefined>,
  model: Pick<LoadedModel, "describe" | "ranking">,
): Promise<Query> {
  const given = { browsed, basket, purchased, n, scenario };
  const query = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const fails = (why: string) => {
    const next = "`steamer recommend --help` says what is possible";
    return new Problem({ doing: "Reading the request", why, next });
  };
  if (!Value.Check(RecommendationQuery, { ...query, n: undefined }))
    throw fails(`${JSON.stringify(scenario)} is not a scenario`);
  try {
    return await readQuery(query, () => model);
  } catch (error) {
    throw error instanceof BadRequest ? fails(error.message) : error;
  }
}

function noModel(shop: string): Problem {
  const next = `run a night first: steamer nightly --shop ${shop} --events <files>`;
  return new Problem({ doing: `Recommending from ${shop}`, why: "no model has been published yet", next });
}
