import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { DEPTH, type TestUser } from "../../../core/evaluation/quality.ts";
import type { Scored } from "../../../core/model/neighbour-table.ts";
import { appendTable, CHUNK_ROWS, fileLiteral } from "../duckdb.ts";

/** The best items of each test user by one way of recommending; -1 where a list has ended. */
interface Lists {
  name: string;
  items: Int32Array;
}

/** Keeps what was recommended, and writes it for another program to score. */
export class Ranks {
  readonly #users: TestUser[];
  readonly #lists: Lists[] = [];

  constructor(users: TestUser[]) {
    this.#users = users;
  }

  /** Takes the list of each user, by their place among the test's users. */
  taker(name: string): (user: number, list: readonly Scored[]) => void {
    const items = new Int32Array(DEPTH * this.#users.length).fill(-1);
    this.#lists.push({ name, items });
    return (user, list) => list.forEach(({ item }, k) => (items[DEPTH * user + k] = item));
  }

  /** The ways of recommending whose lists were taken. */
  get names(): string[] {
    return this.#lists.map(({ name }) => name);
  }

  /** The items that one way recommends to each user, best first. */
  listsOf(name: string): number[][] {
    const { items } = this.#lists.find((lists) => lists.name === name)!;
    return this.#users.map((_, user) =>
      Array.from(items.subarray(DEPTH * user, DEPTH * (user + 1))).filter((item) => item >= 0),
    );
  }

  /**
   * Writes CSV files: `training.csv`, all interactions that were trained on; `test.csv`, the held
   * out user,item; `ranks.csv`, name,user,item,rank (from 1).
   */
  async write(connection: DuckDBConnection, folder: string): Promise<void> {
    await mkdir(folder, { recursive: true });
    const columns = { way: "INTEGER", user_code: "INTEGER", item_code: "INTEGER", rank: "INTEGER" } as const;
    await appendTable(connection, "ranks", columns, this.#chunks());
    const names = this.#lists.map(({ name }, way) => `WHEN ${way} THEN '${name.replaceAll("'", "''")}'`);
    const files = {
      training: `SELECT "user", item, event, count, "lastAt", day FROM training ORDER BY ALL`,
      test: `SELECT "user", item FROM held_out ORDER BY ALL`,
      ranks: `SELECT CASE way ${names.join(" ")} END AS name, "user", item, rank FROM ranks
        JOIN user_codes ON user_codes.code = user_code JOIN item_codes ON item_codes.code = item_code
        ORDER BY way, "user", rank`,
    };
    for (const [name, select] of Object.entries(files))
      await connection.run(
        `COPY (${select}) TO ${fileLiteral(join(folder, `${name}.csv`))} (FORMAT csv, HEADER true)`,
      );
  }

  *#chunks() {
    for (const [way, { items }] of this.#lists.entries()) {
      for (let from = 0; from < items.length; from += CHUNK_ROWS) {
        const places = Array.from({ length: Math.min(CHUNK_ROWS, items.length - from) }, (_, k) => from + k);
        const filled = places.filter((place) => items[place] >= 0);
        if (filled.length === 0) continue;
        yield [
          filled.map(() => way),
          filled.map((place) => this.#users[Math.floor(place / DEPTH)].row),
          filled.map((place) => items[place]),
          filled.map((place) => (place % DEPTH) + 1),
        ];
      }
    }
  }
}
