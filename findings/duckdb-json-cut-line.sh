#!/usr/bin/env bash
# DuckDB loses the whole line below one that is cut off within an array.
#
# A file of NDJSON has one damaged line, as a writer leaves it that was stopped: it ends within a
# list, behind a comma. read_json(..., ignore_errors = true) is there to go on without it. It gives
# NULLs for that line, and also for the next one, which is whole. Nothing counts or names it.
#
# So it is behind "[", "," within a list, and ":". Cut anywhere else, the damaged line alone is
# lost. The error of a reading without ignore_errors names the damaged line, as it should.
#
# What helps: any character behind such an end that JSON does not have there. Then the next line is
# read.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --loglevel=error --no-audit --no-fund --prefix . @duckdb/node-api@1.5.5-r.5

cat > find.mjs <<'END'
import { writeFileSync } from "node:fs";
import { DuckDBInstance, version } from "@duckdb/node-api";

const connection = await (await DuckDBInstance.create(":memory:")).connect();
console.log(`DuckDB ${version()}, Node ${process.version}`);

async function items(cut) {
  writeFileSync("events.ndjson", ['{"item":"tea"}', cut, '{"item":"ink"}', '{"item":"rope"}', ""].join("\n"));
  const options = "format = 'newline_delimited', columns = {item: 'VARCHAR'}, ignore_errors = true";
  const rows = await connection.runAndReadAll(`select item from read_json('events.ndjson', ${options})`);
  return rows.getRowsJson().map(([item]) => item ?? "-").join(" ");
}

for (const cut of ['{"item":', '{"tags":[', '{"tags":["hot",', '{"tags":["hot"', '{"item":"jar",', '{"item":"jar"', "{"])
  console.log(`${cut.padEnd(16)} ${(await items(cut)).padEnd(16)} with a character more: ${await items(cut + "!")}`);
END

cat > expected <<'END'
{"item":         tea - - rope     with a character more: tea - ink rope
{"tags":[        tea - - rope     with a character more: tea - ink rope
{"tags":["hot",  tea - - rope     with a character more: tea - ink rope
{"tags":["hot"   tea - ink rope   with a character more: tea - ink rope
{"item":"jar",   tea - ink rope   with a character more: tea - ink rope
{"item":"jar"    tea - ink rope   with a character more: tea - ink rope
{                tea - ink rope   with a character more: tea - ink rope
END

node find.mjs | tee seen
# The first line has the versions.
if ! diff expected <(tail -n +2 seen); then
  echo "Not as found: DuckDB behaves differently here." >&2
  exit 1
fi
echo "As found: a line that is cut behind [ , or : takes the whole line below it along."
