import { Problem } from "../../../../contracts/problem.ts";
import type { Settings } from "../../../../contracts/settings/settings.ts";
import type { EventFile } from "./input-files.ts";

/**
 * A text's bytes as UTF-8, in which all else is read.
 * @throws Problem for bytes that the encoding does not have.
 */
export async function* inUtf8(
  chunks: AsyncIterable<Buffer>,
  { path }: EventFile,
  { encoding }: Pick<Settings, "encoding">,
): AsyncGenerator<Buffer> {
  if (encoding === "utf-8") {
    yield* chunks;
    return;
  }
  const decoder = new TextDecoder(encoding, { fatal: true });
  const decode = (chunk?: Buffer) => {
    try {
      return Buffer.from(chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode());
    } catch (cause) {
      throw notIn(path, encoding, cause);
    }
  };
  for await (const chunk of chunks) yield decode(chunk);
  yield decode();
}

function notIn(path: string, encoding: string, cause: unknown): Problem {
  const why = `it has bytes that are no text in ${encoding}`;
  const next = "Name the encoding that it has with --encoding, or save it as UTF-8";
  return new Problem({ doing: `Reading ${path}`, why, next, cause });
}
