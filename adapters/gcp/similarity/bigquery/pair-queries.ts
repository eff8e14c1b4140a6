import type { Knobs } from "../../../../contracts/settings/similarity.ts";
import { perTable, TABLE_NAMES, type TableName } from "../../../../contracts/tables.ts";
import { knobSql, merged, type KnobSql, type Parameters } from "./knob-sql.ts";

/**
 * SQL for scenario, item, neighbour, dot, n: what the score of a pair of items begins with, and the
 * users in common. It reads `ratings`. Each table has the form of its method.
 */
export function pairQueries(
  knobs: Record<TableName, Knobs>,
  minSupport: KnobSql,
): Parameters & { pairs: string } {
  const by = (method: Knobs["method"]) => TABLE_NAMES.filter((table) => knobs[table].method === method);
  const [cosine, order] = [by("cosine"), by("order")];
  const parts = [
    ...(cosine.length > 0 ? [{ sql: cosinePairs(cosine, minSupport), params: {}, types: {} }] : []),
    ...(order.length > 0 ? [orderPairs(order, knobs, minSupport)] : []),
  ];
  return { pairs: parts.map(({ sql }) => sql).join(" UNION ALL "), ...merged(parts) };
}

const among = (tables: TableName[]) => `a.scenario IN (${tables.map((table) => `'${table}'`).join(", ")})`;

/** `cosine`: each pair of items is added up once, then read from either side. */
const cosinePairs = (tables: TableName[], minSupport: KnobSql) => `
      SELECT scenario, IF(forth, one, other) AS item, IF(forth, other, one) AS neighbour, dot, n
      FROM (
        SELECT a.scenario, a.item AS one, b.item AS other, SUM(a.value * b.value) AS dot, COUNT(*) AS n
        FROM ratings AS a JOIN ratings AS b ON a.scenario = b.scenario AND a.user = b.user AND a.item < b.item
        WHERE ${among(tables)}
        GROUP BY a.scenario, a.item, b.item
        HAVING COUNT(*) >= ${minSupport.by("a.scenario")}
      ) CROSS JOIN UNNEST([TRUE, FALSE]) AS forth`;

/**
 * `order`: each item meets those at the places behind it, up to the window, and no others. What
 * comes after counts 1/(1 + g d), what came before b times as much.
 */
function orderPairs(tables: TableName[], knobs: Record<TableName, Knobs>, minSupport: KnobSql) {
  const knob = (name: "window" | "distanceDecay" | "backward", type: string) =>
    knobSql(
      name,
      type,
      perTable((table) => knobs[table][name]),
    );
  const [window, decay, backward] = [
    knob("window", "INT64"),
    knob("distanceDecay", "FLOAT64"),
    knob("backward", "FLOAT64"),
  ];
  const b = backward.by("near.scenario");
  const sql = `
      SELECT scenario, IF(forth, one, other) AS item, IF(forth, other, one) AS neighbour,
        2 * SUM(IF(forth, f, ${b} * f)) / (1 + ${b}) AS dot, COUNT(*) AS n
      FROM (
        SELECT a.scenario, a.item AS one, b.item AS other, 1 / (1 + ${decay.by("a.scenario")} * distance) AS f
        FROM ratings AS a
        CROSS JOIN UNNEST(GENERATE_ARRAY(1, LEAST(${window.by("a.scenario")}, a.length - a.place))) AS distance
        JOIN ratings AS b ON b.scenario = a.scenario AND b.user = a.user AND b.place = a.place + distance
        WHERE ${among(tables)}
      ) AS near CROSS JOIN UNNEST([TRUE, FALSE]) AS forth
      GROUP BY scenario, item, neighbour
      HAVING COUNT(*) >= ${minSupport.by("near.scenario")}`;
  return { sql, ...merged([window, decay, backward]) };
}
