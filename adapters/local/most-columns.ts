/** A file with more columns is no list of rows. DuckDB's time grows with their square. */
export const MOST_COLUMNS = 5000;
