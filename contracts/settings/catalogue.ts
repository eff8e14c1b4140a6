import { Type } from "typebox";
import { FEED_COLUMNS, type FeedColumn } from "../catalogue.ts";
import { mapping, shaping } from "./schema.ts";

/** The shop's own list of its items. */
export const catalogue = {
  catalogue: shaping(
    Type.Optional(
      Type.String({
        description:
          "the shop's catalogue: a Google Merchant feed (TSV, XML), a product export of Shopify or WooCommerce, or an own CSV, NDJSON or Parquet file; on Google Cloud an object, gs://<bucket>/<path>, or a table or view of BigQuery, <project>.<dataset>.<table> (default: what events say of items)",
        minLength: 1,
      }),
    ),
  ),
  catalogueMap: shaping(
    mapping(
      `which column of the catalogue holds what: ${FEED_COLUMNS.join(", ")}`,
      `^(${FEED_COLUMNS.join("|")})$`,
    ) as unknown as ReturnType<typeof Type.Unsafe<Partial<Record<FeedColumn, string>>>>,
  ),
};
