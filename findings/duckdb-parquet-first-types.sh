#!/usr/bin/env bash
# DuckDB reads Parquet files with the types of the first one: of times it keeps the date, of prices
# the whole number.
#
# Two days of a shop's export lie in a folder. One program wrote them, but a column's type follows
# from its values: prices of the first day are all whole, and those of the second are not. Or a
# program writes dates on one day, and times on the next. read_parquet(['first', 'second']) casts
# the second file's columns to the types of the first. 2.99 becomes 3, 10:01 becomes midnight, and
# there is no error and no warning. The order of the files decides: the other way round nothing is
# lost.
#
# Where a cast is not possible, it is an error that names the column and both types. Files with
# other columns are refused, too.
#
# What helps: union_by_name = true, which finds a type for all files; or reading files of different
# types by statements of their own.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --loglevel=error --no-audit --no-fund --prefix . @duckdb/node-api@1.5.5-r.5

cat > find.mjs <<'END'
import { DuckDBInstance, version } from "@duckdb/node-api";

const connection = await (await DuckDBInstance.create(":memory:")).connect();
console.log(`DuckDB ${version()}, Node ${process.version}`);

await connection.run("COPY (SELECT 3 AS price, DATE '2026-11-20' AS seen) TO 'whole.parquet'");
await connection.run("COPY (SELECT 2.99::DOUBLE AS price, TIMESTAMP '2026-11-21 10:01:00' AS seen) TO 'exact.parquet'");

async function read(files, options = "") {
  const list = files.map((file) => `'${file}.parquet'`).join(", ");
  const sql = `SELECT price::VARCHAR, seen::VARCHAR FROM read_parquet([${list}]${options}) ORDER BY seen`;
  const rows = (await connection.runAndReadAll(sql)).getRowsJson();
  console.log(`${(files.join(", ") + options).padEnd(36)} ${rows.map((row) => row.join(", ")).join("; ")}`);
}

await read(["whole", "exact"]);
await read(["exact", "whole"]);
await read(["whole", "exact"], ", union_by_name = true");
END

cat > expected <<'END'
whole, exact                         3, 2026-11-20; 3, 2026-11-21
exact, whole                         3.0, 2026-11-20 00:00:00; 2.99, 2026-11-21 10:01:00
whole, exact, union_by_name = true   3.0, 2026-11-20 00:00:00; 2.99, 2026-11-21 10:01:00
END

node find.mjs | tee seen
# The first line has the versions.
if ! diff expected <(tail -n +2 seen); then
  echo "Not as found: DuckDB behaves differently here." >&2
  exit 1
fi
echo "As found: the types of the first file round the prices and cut the times of the second."
