import { DEEDS, type Buyers } from "../../../../contracts/jobs.ts";
import type { JobQuery } from "../../bigquery-jobs.ts";
import type { Tables } from "./tables.ts";

/** The interactions of those by whom a day is judged: see Buyers. */
export function buyersQuery({ interactions, events = interactions }: Tables, buyers: Buyers): JobQuery {
  return {
    query: `
    SELECT user, item, event, count, lastAt, day FROM \`${events}\` WHERE user IN (
      SELECT user FROM (
        SELECT user, ROW_NUMBER() OVER (PARTITION BY event ORDER BY SHA256(user)) AS place
        FROM (
          SELECT DISTINCT event, user FROM \`${events}\`
          WHERE day = @day AND event IN (${DEEDS.map((event) => `'${event}'`).join(", ")})
        )
      ) WHERE place <= @most
    )`,
    params: { ...buyers },
    types: { day: "STRING", most: "INT64" },
  };
}
