import { readFileSync } from "node:fs";

/** The version of this package, for manifests. */
export function packageVersion(): string {
  const file = [new URL("../package.json", import.meta.url), new URL("../../package.json", import.meta.url)];
  for (const url of file) {
    try {
      return (JSON.parse(readFileSync(url, "utf8")) as { version: string }).version;
    } catch {
      continue; // The build lies one folder deeper than the source.
    }
  }
  return "unknown";
}
