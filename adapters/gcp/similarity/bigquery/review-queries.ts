import { REVIEW } from "../../../../contracts/interactions.ts";
import { haveScopes } from "../../../../contracts/settings/events.ts";
import { reviewKnobsOf } from "../../../../contracts/settings/reviews.ts";
import type { Settings } from "../../../../contracts/settings/settings.ts";
import { NEUTRAL_REVIEWS } from "../../../../core/ratings/review-rating.ts";
import type { JobQuery } from "../../bigquery-jobs.ts";
import { create, type Tables } from "./tables.ts";

/**
 * Interactions as reviews leave them (docs/ARCHITECTURE.md, Reviews in the night). A review's row
 * has its weight as its count.
 */
export function reviewedQuery({ interactions, events, reviews }: Tables, settings: Settings): JobQuery {
  const scope = haveScopes(settings) ? { events: ", scope", reviews: ", CAST(NULL AS STRING)" } : undefined;
  return {
    query: `${create(interactions)}
    SELECT user, item, event, CAST(count AS FLOAT64) AS count, lastAt, name, category, price${scope?.events ?? ""}
    FROM \`${events}\` AS done WHERE NOT EXISTS (
      SELECT 1 FROM \`${reviews}\` AS said WHERE said.user = done.user AND said.item = done.item AND said.rating < 0
    )
    UNION ALL
    SELECT user, item, '${REVIEW}', rating * @weight, \`at\`, CAST(NULL AS STRING), CAST(NULL AS STRING),
      CAST(NULL AS FLOAT64)${scope?.reviews ?? ""}
    FROM \`${reviews}\` WHERE rating > 0 AND item IN (SELECT item FROM \`${events}\`)`,
    params: { weight: reviewKnobsOf(settings).weight },
    types: { weight: "FLOAT64" },
  };
}

/** What is multiplied to a similarity for what reviews say of the neighbour, and its join. */
export function shareSql(reviews: string | undefined, settings: Settings) {
  if (reviews === undefined) return { factor: "", join: "", params: {}, types: {} };
  return {
    factor: " * COALESCE(shares.share, 1)",
    join: `LEFT JOIN (
        SELECT item, 1 - @penalty * GREATEST(0, -SUM(rating) / (COUNT(*) + ${NEUTRAL_REVIEWS})) AS share
        FROM \`${reviews}\` GROUP BY item
      ) AS shares ON shares.item = pairs.neighbour`,
    params: { penalty: reviewKnobsOf(settings).penalty },
    types: { penalty: "FLOAT64" },
  };
}
