import type { FlatColumns, ValuesOf } from "../columns/flat-columns.ts";
import type { FlatReader } from "./flat.ts";

/** A file as its format presents it: GA4 events with nested items, or flat rows. */
export type Source = Ga4Source | FlatSource;

export interface Ga4Source {
  shape: "ga4";
  /** A relation for `ga4Rows`. */
  from: string;
  /** True if a row is a line of the file. */
  isLines: boolean;
  types?: string;
}

export interface FlatSource {
  shape: "flat";
  /** The column names in the beginning of the file. */
  columns: string[];
  /** All column names, for a format whose beginning may lack some: this reads the whole file. */
  allColumns?(): Promise<string[]>;
  /** Some values of a column, for a format whose beginning is at hand. */
  valuesOf?: ValuesOf;
  readerOf(columns: FlatColumns): FlatReader;
  /** For a Parquet file: its columns with their types. */
  types?: string;
}
