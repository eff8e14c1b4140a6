#!/usr/bin/env bash
# DuckDB replaces a file's own column by a part of the path, also where columns are given.
#
# Files lie in folders whose names have an equals sign: item=9, left over from a job that wrote a
# folder an item, or date=2026-11-21. Each file has a column of that name, with values of its own.
# read_csv and read_json are told all columns with their types, and nothing is to be detected. Yet
# every row has the folder's value, and the file's own is gone. There is no error and no warning.
# read_parquet does the same. A folder of another name adds a column that nobody has asked for.
#
# The reason is hive_partitioning: it is detected from the path, whatever auto_detect and columns
# say, and the path goes before the file.
#
# What helps: hive_partitioning = false.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --loglevel=error --no-audit --no-fund --prefix . @duckdb/node-api@1.5.5-r.5

cat > find.mjs <<'END'
import { mkdirSync, writeFileSync } from "node:fs";
import { DuckDBInstance, version } from "@duckdb/node-api";

const connection = await (await DuckDBInstance.create(":memory:")).connect();
console.log(`DuckDB ${version()}, Node ${process.version}`);

mkdirSync("item=9");
writeFileSync("item=9/a.csv", "ann,tea\n");
writeFileSync("item=9/a.json", '{"user":"ann","item":"tea"}\n');
await connection.run("COPY (SELECT 'ann' AS user, 'tea' AS item) TO 'item=9/a.parquet'");

async function read(kind, file, options) {
  const sql = `SELECT * FROM read_${kind}('item=9/${file}'${options})`;
  const [row] = (await connection.runAndReadAll(sql)).getRowObjectsJson();
  console.log(`${(kind + options.replace(/, columns = \{.*\}/, ", columns")).padEnd(72)} ${JSON.stringify(row)}`);
}

const columns = ", columns = {user: 'VARCHAR', item: 'VARCHAR'}";
const csv = ", auto_detect = false" + columns;
const json = ", format = 'newline_delimited'" + columns;
await read("csv", "a.csv", csv);
await read("json", "a.json", json);
await read("parquet", "a.parquet", "");
await read("csv", "a.csv", csv + ", hive_partitioning = false");
await read("json", "a.json", json + ", hive_partitioning = false");
await read("parquet", "a.parquet", ", hive_partitioning = false");
END

cat > expected <<'END'
csv, auto_detect = false, columns                                        {"user":"ann","item":"9"}
json, format = 'newline_delimited', columns                              {"user":"ann","item":"9"}
parquet                                                                  {"user":"ann","item":"9"}
csv, auto_detect = false, columns, hive_partitioning = false             {"user":"ann","item":"tea"}
json, format = 'newline_delimited', columns, hive_partitioning = false   {"user":"ann","item":"tea"}
parquet, hive_partitioning = false                                       {"user":"ann","item":"tea"}
END

node find.mjs | tee seen
# The first line has the versions.
if ! diff expected <(tail -n +2 seen); then
  echo "Not as found: DuckDB behaves differently here." >&2
  exit 1
fi
echo "As found: the folder's value takes the place of the file's own, in columns that are given, too."
