import { open } from "node:fs/promises";

export type Packing = "gzip" | "zstd";

/** What a file's first bytes say that it is; null: text, as far as they tell. */
export type Content = Packing | "parquet" | Unreadable | null;

/** What cannot be read, and what to do about it. */
export interface Unreadable {
  is: string;
  next: string;
}

const unpack = (is: string, command: string): Unreadable => ({
  is: `it is packed by ${is}, which is not read`,
  next: `Unpack it (${command}), or pack it by gzip or zstd`,
});

const SIGNATURES: readonly (readonly [bytes: string, Content])[] = [
  ["1f8b", "gzip"],
  ["28b52ffd", "zstd"],
  ["50415231", "parquet"],
  [
    "504b0304",
    {
      is: "it is a spreadsheet (.xlsx) or another archive of files (.zip)",
      next: "Save the spreadsheet as CSV, or unpack the archive",
    },
  ],
  ["d0cf11e0a1b11ae1", { is: "it is an old spreadsheet (.xls)", next: "Save it as CSV" }],
  ["04224d18", unpack("LZ4", "lz4 -d")],
  ["425a68", unpack("bzip2", "bunzip2")],
  ["fd377a585a00", unpack("xz", "unxz")],
  ["4f626a01", { is: "it is Avro, which is not read", next: "Export it as Parquet, NDJSON or CSV" }],
  ["4f5243", { is: "it is ORC, which is not read", next: "Export it as Parquet, NDJSON or CSV" }],
];

const LONGEST = 8;

/** Names lie: a file is what its first bytes say. */
export async function contentOf(path: string): Promise<Content> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(LONGEST), 0, LONGEST, 0);
    const bytes = buffer.toString("hex", 0, bytesRead);
    return SIGNATURES.find(([signature]) => bytes.startsWith(signature))?.[1] ?? null;
  } finally {
    await file.close();
  }
}
