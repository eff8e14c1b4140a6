import { defaultsOf, SETTING_NAMES, type Settings } from "../../contracts/settings/settings.ts";
import { Random } from "../../core/random.ts";
import { ItemFactors } from "../../core/factors/item-factors.ts";
import type { FactorUsers } from "../../core/factors/decode-factors.ts";
import type { Snapshot } from "../../core/model/decode.ts";
import { personOfModel } from "../../core/personal/person.ts";
import { personalModel } from "../../core/personal/personal-model.ts";
import { recommendTo } from "../../core/personal/recommend.ts";
import { measure } from "../measure.ts";

/**
 * Makes whole lists, blended and with reasons, as nights and the Personalizer do: list.ts <items>
 * <factors> <users> <items of each user's history>.
 */
const [items, factors, users, length] = process.argv.slice(2).map(Number);
const NEIGHBOURS = 50;
const settings = defaultsOf(SETTING_NAMES) as Settings;
const random = new Random(1);
const numbers = (rows: number, most = 0.1) =>
  Float32Array.from({ length: rows * factors }, () => (2 * random.next() - 1) * most);
const rows = (count: number) => Int32Array.from({ length: count }, () => random.below(items));
const offsets = (count: number, each: number) => Int32Array.from({ length: count + 1 }, (_, k) => k * each);

const table = {
  offset: offsets(items, NEIGHBOURS),
  item: rows(items * NEIGHBOURS),
  score: Int32Array.from({ length: items * NEIGHBOURS }, (_, k) => 900_000 - 10_000 * (k % NEIGHBOURS)),
};
const snapshot = { items, tableOf: () => table, idOf: (row: number) => `item-${row}` } as unknown as Snapshot;
const known = {
  factors: { rows: users, factors, values: numbers(users) },
  histories: {
    offset: offsets(users, length),
    item: rows(users * length),
    weight: new Float32Array(users * length).fill(1),
  },
  bought: { offset: new Int32Array(users + 1), item: new Int32Array(0) },
} as unknown as FactorUsers;
const trainedFor = {
  regularization: settings["als.regularization"],
  exponent: settings["als.exponent"],
  unobserved: settings["als.unobserved"],
  eventWeights: settings["als.eventWeights"],
};
const ofItems = new ItemFactors({ rows: items, factors, values: numbers(items) }, trainedFor);
const model = personalModel(snapshot, { items: ofItems, users: known, trainedFor }, settings);
const wanted = { n: settings["personal.results"], excluded: [] };

const answer = () => {
  for (let user = 0; user < users; user++) recommendTo(model, personOfModel(model, user), wanted);
};
answer();
const { wall, cpu } = await measure(async () => answer());
console.log(JSON.stringify({ wall: (1000 * wall) / users, cpu: (1000 * cpu) / users }));
