#!/usr/bin/env bash
# Node unpacks the first frame of a .zst file alone, and leaves out the rest without a word.
#
# A file of zstd may have several frames, one behind the other: RFC 8878 says that unpacking gives
# their contents in turn. `cat monday.zst tuesday.zst` makes one, as do pzstd and log shippers that
# append. `zstd -d` reads all of it.
#
# Node's zlib.zstdDecompress, its synchronous form and its stream end after the first frame, without
# an error. So a file of events loses all but its beginning. Of gzip the same functions read all
# members. Only the count of bytes that were taken tells.
#
# What helps: compare `bytesWritten` with the bytes that were given, and unpack the rest again.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --loglevel=error --no-audit --no-fund --prefix . node@24.21.0

cat > find.mjs <<'END'
import { Readable } from "node:stream";
import * as zlib from "node:zlib";

console.log(`Node ${process.version}, zstd ${process.versions.zstd}`);
const days = ["monday\n", "tuesday\n", "wednesday\n"];
const zst = Buffer.concat(days.map((day) => zlib.zstdCompressSync(day)));
const gz = Buffer.concat(days.map((day) => zlib.gzipSync(day)));

const stream = zlib.createZstdDecompress();
let streamed = "";
for await (const chunk of Readable.from([zst]).pipe(stream)) streamed += chunk;

const linesOf = (text) => JSON.stringify(text.toString().trim().split("\n"));
console.log("zstd, at once", linesOf(zlib.zstdDecompressSync(zst)));
console.log("zstd, stream ", linesOf(streamed), stream.bytesWritten < zst.length ? "not all bytes taken" : "");
console.log("gzip, at once", linesOf(zlib.gunzipSync(gz)));
END

cat > expected <<'END'
zstd, at once ["monday"]
zstd, stream  ["monday"] not all bytes taken
gzip, at once ["monday","tuesday","wednesday"]
END

node_modules/.bin/node find.mjs | tee seen
# The first line has the versions.
if ! diff expected <(tail -n +2 seen); then
  echo "Not as found: Node behaves differently here." >&2
  exit 1
fi
echo "As found: of three frames Node unpacks the first."
