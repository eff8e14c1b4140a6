#!/usr/bin/env bash
# DuckDB leaves a new JSON field out without a word, when it first appears in the 33rd file.
#
# A shop writes its events to one small file a day. From the 33rd day on they have a field `user`.
# `from 'days/*.ndjson'` reads all files and all lines, and has no column `user`. There is no error
# and no warning. One day earlier the column is there, with nulls for the older days.
#
# DuckDB guesses the columns from the first 32 files, and from the first 20,480 lines
# (`maximum_sample_files`, `sample_size`). One would expect an error for what does not fit the
# guess. There is one when a later value has another type. A later field is dropped.
#
# What helps: name the columns, or read_json(..., maximum_sample_files = -1, sample_size = -1).
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --loglevel=error --no-audit --no-fund --prefix . @duckdb/node-api@1.5.5-r.5

cat > find.mjs <<'END'
import { mkdirSync, writeFileSync } from "node:fs";
import { DuckDBInstance, version } from "@duckdb/node-api";

const connection = await (await DuckDBInstance.create(":memory:")).connect();
const query = async (sql) => JSON.stringify((await connection.runAndReadAll(sql)).getRowsJson());
console.log(`DuckDB ${version()}, Node ${process.version}`);

for (const first of [32, 33]) {
  const folder = `from-day-${first}`;
  mkdirSync(folder);
  for (let day = 1; day <= 40; day++) {
    const events = ["tea", "ink", "rope"].map((item) => (day < first ? { item } : { item, user: "ann" }));
    const lines = events.map((event) => JSON.stringify(event) + "\n").join("");
    writeFileSync(`${folder}/day_${String(day).padStart(2, "0")}.ndjson`, lines);
  }
  const files = `'${folder}/*.ndjson'`;
  console.log(`\`user\` from day ${first} on`);
  console.log("  columns", await query(`select column_name from (describe from ${files})`));
  console.log("  lines", await query(`select count(*) from ${files}`));
  const whole = `read_json(${files}, maximum_sample_files = -1, sample_size = -1)`;
  console.log("  sampling all: lines, with a user", await query(`select count(*), count("user") from ${whole}`));
}

writeFileSync("prices.ndjson", '{"price":1}\n'.repeat(20_480) + '{"price":"free"}\n');
await query("select count(price) from 'prices.ndjson'").catch(({ message }) => {
  console.log("another type:", /^.* in line \d+/.exec(message)?.[0]);
});
END

cat > expected <<'END'
`user` from day 32 on
  columns [["item"],["user"]]
  lines [["120"]]
  sampling all: lines, with a user [["120","27"]]
`user` from day 33 on
  columns [["item"]]
  lines [["120"]]
  sampling all: lines, with a user [["120","24"]]
another type: Invalid Input Error: JSON transform error in file "prices.ndjson", in line 20481
END

node find.mjs | tee seen
# The first line has the versions.
if ! diff expected <(tail -n +2 seen); then
  echo "Not as found: DuckDB behaves differently here." >&2
  exit 1
fi
echo "As found: a field that first appears in the 33rd file is no column, and nothing says so."
