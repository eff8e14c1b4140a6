import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { basename, dirname } from "node:path";
import {
  ALIAS_LIMITS,
  resolveAliases,
  unreadableAliases,
  type ItemAliases,
} from "../contracts/item-aliases.ts";
import { Problem } from "../contracts/problem.ts";
import type { Settings } from "../contracts/settings/settings.ts";
import { firstRecords } from "./local/export/rows/csv-text.ts";
import { openFolder, type Places } from "./storage/choose.ts";

/**
 * Reads the items' old ids, from a file or an object of Cloud Storage.
 * @returns undefined where none are named
 * @throws Problem when they cannot be read, or contradict each other.
 */
export async function openItemAliases(
  settings: Places & Pick<Settings, "itemAlias">,
): Promise<ItemAliases | undefined> {
  const source = settings.itemAlias;
  if (source === undefined) return undefined;
  const bytes = await read(settings, source);
  if (bytes.length > ALIAS_LIMITS.bytes) {
    const why = `it is longer than ${ALIAS_LIMITS.bytes / 2 ** 20} MiB`;
    throw unreadableAliases(source, why, "leave out ids that no event has any more");
  }
  const text = textOf(source, bytes);
  const records = text.trim() === "" ? [] : firstRecords(text, delimiterOf(text), Infinity);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { source, sha256, newIds: resolveAliases(source, records) };
}

async function read(settings: Places, source: string): Promise<Buffer> {
  try {
    if (!source.startsWith("gs://")) return await beginningOf(source);
    const found = await (await openFolder(settings, dirname(source))).get(basename(source));
    if (found) return Buffer.from(found.data);
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code !== "ENOENT") throw unreadableAliases(source, message, CHECK, cause);
  }
  throw unreadableAliases(source, "there is no such file", CHECK);
}

const CHECK = "check the path given to --item-alias; on Google Cloud it is an object: gs://<bucket>/<path>";

/** So much that it shows whether the file is too long. */
async function beginningOf(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const bytes = Buffer.alloc(ALIAS_LIMITS.bytes + 1);
    let length = 0;
    for (let more = -1; more !== 0 && length < bytes.length; length += more)
      more = (await file.read(bytes, length, bytes.length - length)).bytesRead;
    return bytes.subarray(0, length);
  } finally {
    await file.close();
  }
}

const delimiterOf = (text: string) =>
  [",", ";", "\t"].find((sign) => firstRecords(text, sign, 1)[0].length === 2) ?? ",";

function textOf(source: string, bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw unreadableAliases(source, "it is not UTF-8", "save it as UTF-8", cause);
  }
}
