import { Problem } from "../../../../contracts/problem.ts";

const NEXT: [RegExp, string][] = [
  [
    /unexpected end of file|incorrect (data|length) check|incorrect header|GZIP|invalid .*(block|distance|code)/i,
    "It looks cut off or damaged: fetch the file again (gzip -t checks it)",
  ],
  [
    /Invalid string encoding/,
    "A column of bytes is no text: write ids as text (BigQuery: TO_HEX, TO_BASE64), or name another column with --map",
  ],
  [
    /parquet|magic bytes|TProtocol|Out of buffer/i,
    "It is damaged, or not Parquet: fetch it again, or give it the extension of what it is",
  ],
  [/EACCES|EPERM/, "Allow this user to read the file"],
];

/** A Problem for an error that comes from the file itself; any other error is returned as it is. */
export function unreadable(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof Problem) return error;
  const code = "code" in error ? String(error.code) : "";
  const ofTheFile = /^(Z_|ENOENT|EACCES|EPERM|EISDIR|EIO)/.test(code) || ofDuckDB(error.message);
  if (!ofTheFile) return error;
  const why = error.message.split("\n")[0]!;
  const next = NEXT.find(([pattern]) => pattern.test(`${code} ${error.message}`))?.[1];
  return new Problem({
    doing: `Reading ${path}`,
    why: `the file is unreadable: ${why}`,
    next: next ?? "Check the file, or leave it out of --events",
    cause: error,
  });
}

function ofDuckDB(message: string): boolean {
  return (
    /^(Invalid Input|IO|Invalid|Conversion|Serialization|Out of Range) Error/.test(message) &&
    !/No space left/.test(message)
  );
}
