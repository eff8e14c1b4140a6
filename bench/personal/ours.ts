import { readFileSync } from "node:fs";
import { join } from "node:path";
import { rowOf } from "../../core/factors/factor-rows.ts";
import { ItemFactors } from "../../core/factors/item-factors.ts";
import { measure } from "../measure.ts";

/**
 * Scores all items for each user: ours.ts <folder> <factors> <n>. peers/personal.py does the same.
 */
const [folder, factors, n] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const read = (name: string) => {
  const { buffer, byteOffset, byteLength } = readFileSync(join(folder, name));
  const values = new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength));
  return { rows: values.length / factors, factors, values };
};
const users = read("users");
const items = new ItemFactors(read("items"), { regularization: 0.01, exponent: 1, unobserved: 0.1 });
const excluded = [...new Int32Array(readFileSync(join(folder, "excluded")).buffer)];

const answer = () =>
  Array.from({ length: users.rows }, (_, user) =>
    items.best({ vector: rowOf(users, user), n, conditions: { excluded } }).best.map(({ item }) => item),
  );
answer();
const { wall, cpu, result } = await measure(async () => answer());
const milliseconds = (seconds: number) => (1000 * seconds) / users.rows;
console.log(JSON.stringify({ wall: milliseconds(wall), cpu: milliseconds(cpu), lists: result }));
