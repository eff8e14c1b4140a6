import { readFileSync } from "node:fs";
import { openDuckDB } from "../../adapters/local/duckdb.ts";
import { measure } from "../measure.ts";

/**
 * Runs one statement in a process of its own, and prints its measurement: from the open database
 * to the written file. Arguments: a file with the statement, threads, a folder to spill to.
 */
const [file, threads, temporary] = process.argv.slice(2);
const { connection, close } = await openDuckDB({ threads: Number(threads), temporary });
const { result: _, ...measured } = await measure(() => connection.run(readFileSync(file, "utf8")));
close();
console.log(JSON.stringify(measured));
