/** A catalogue's rows as texts: a relation for SQL, with `line`, and the names of its columns. */
export interface OpenFeed {
  from: string;
  columns: string[];
  /** SQL that counts the lines that are left out, as they cannot be read. */
  malformed?: string;
}
