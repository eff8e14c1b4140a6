import { createHmac, randomBytes } from "node:crypto";
import { access, link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { bucketOf } from "../../adapters/storage/choose.ts";
import { paths } from "../../contracts/layout.ts";
import { Problem } from "../../contracts/problem.ts";
import type { Settings } from "../../contracts/settings/settings.ts";

/** The least that HMAC-SHA-256 should have. */
const KEY_BYTES = 32;

type KeySettings = Pick<Settings, "tokenKeyFile" | "data" | "shop">;

/**
 * The key that signs a shop's tokens. A token names no shop: shops that share a secret must not
 * take each other's, so each has a key of its own, derived from the secret.
 * @throws Problem when the secret cannot be read, or is too short.
 */
export async function readTokenKey(settings: KeySettings): Promise<{ key: Uint8Array; isShared: boolean }> {
  const { secret, isShared } = await readSecret(settings);
  return { key: createHmac("sha256", secret).update(settings.shop).digest(), isShared };
}

/**
 * The file that the settings name; else one in the data folder, made by whoever comes first. Where
 * data is a bucket, which the recommender may only read, it is a random one of this process.
 */
async function readSecret({ tokenKeyFile, data }: KeySettings) {
  if (tokenKeyFile !== undefined) return { secret: await readKey(tokenKeyFile), isShared: true };
  if (bucketOf(data) !== undefined) return { secret: randomBytes(KEY_BYTES), isShared: false };
  const path = join(data, paths.tokenKey);
  await access(path).catch(() => makeKey(path));
  return { secret: await readKey(path), isShared: true };
}

/** Written aside, then linked: who comes second sees the whole key of the first. */
async function makeKey(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const aside = `${path}.${process.pid}.${randomBytes(4).toString("hex")}`;
  try {
    await writeFile(aside, randomBytes(KEY_BYTES).toString("hex"), { mode: 0o600 });
    await link(aside, path).catch(mayExist);
  } finally {
    await rm(aside, { force: true });
  }
}

async function readKey(path: string): Promise<Uint8Array> {
  const doing = `Reading the secret of attribution tokens from ${path}`;
  const next =
    "name a file with at least 32 random bytes (tokenKeyFile), or delete this one to have it made again";
  let key: Uint8Array;
  try {
    key = await readFile(path);
  } catch (cause) {
    throw new Problem({ doing, why: (cause as Error).message, next, cause });
  }
  if (key.length < KEY_BYTES) throw new Problem({ doing, why: `it has ${key.length} bytes`, next });
  return key;
}

function mayExist(error: NodeJS.ErrnoException): void {
  if (error.code !== "EEXIST") throw error;
}
