/** What a shop's catalogue says of an item; the setting `catalogueMap` can name its columns. */
export const FEED_COLUMNS = [
  "id",
  "name",
  "category",
  "price",
  "available",
  "link",
  "image",
  "group",
] as const;
export type FeedColumn = (typeof FEED_COLUMNS)[number];

/** The faults of a catalogue's rows. Those of a value leave the row in, without the value. */
export const FEED_FAULTS = {
  malformed_line: { of: "row", means: "the line cannot be read" },
  no_id: { of: "row", means: "the id is missing" },
  bad_id: { of: "row", means: "the id is longer than 256 bytes" },
  repeated_id: { of: "row", means: "the same id comes again later: the last row counts" },
  unread_price: { of: "value", means: "the price is no amount of money" },
  unread_availability: { of: "value", means: "the availability is no word or number that is known" },
  unread_link: { of: "value", means: "a link or image is no address on the web: https://…" },
} as const;
export type FeedFault = keyof typeof FEED_FAULTS;

/** At most so many categories of an item count. */
export const MOST_CATEGORIES = 10;

/** Where a catalogue lies on Google Cloud: an object, or a table or view of BigQuery. */
export type CloudFeed =
  | { kind: "object"; bucket: string; path: string }
  | { kind: "table"; project: string; dataset: string; table: string };

/** Reads `gs://<bucket>/<path>`, or `<project>.<dataset>.<table>`; null: it is neither. */
export function cloudFeed(source: string): CloudFeed | null {
  const [, bucket, path] = /^gs:\/\/([^/]+)\/(.+)$/.exec(source) ?? [];
  if (bucket !== undefined && path !== undefined) return { kind: "object", bucket, path };
  const [, project, dataset, table] =
    /^([a-z][a-z0-9-]{4,28}[a-z0-9])\.(\w{1,1024})\.([\w-]{1,1024})$/.exec(source) ?? [];
  if (project === undefined || dataset === undefined || table === undefined) return null;
  return { kind: "table", project, dataset, table };
}
