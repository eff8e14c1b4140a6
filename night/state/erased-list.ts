import { ErasedList, type ErasedUsers } from "../../contracts/erased-list.ts";
import { paths } from "../../contracts/layout.ts";
import type { Manifest } from "../../contracts/manifest.ts";
import type { ExportMetrics } from "../../contracts/metrics.ts";
import { changeDocument, readDocument } from "./document.ts";
import type { Objects } from "./objects.ts";
import { sha256 } from "./sha256.ts";

const NONE: ErasedList = { users: {} };

/** The name of a user on the list: SHA-256 of the id's UTF-8 bytes, in hexadecimal. */
export const nameOnList = (user: string): Promise<string> => sha256(new TextEncoder().encode(user));

/** The users that were erased. A missing list is empty. */
export async function readErased(objects: Objects, shop: string): Promise<ErasedUsers> {
  return ((await readDocument(objects, paths.erased(shop), ErasedList))?.value ?? NONE).users;
}

/**
 * Puts a user on the list, before their copies are removed. Events up to the time do not count any
 * more. A user who is on the list gets the later time.
 * @returns the time. It is later than every other on the list, so that the list has an order that
 * no clock can change.
 */
export async function beginErasure(objects: Objects, shop: string, user: string, now: Date): Promise<string> {
  const name = await nameOnList(user);
  const users = await change(objects, shop, (users) => {
    const after = Date.parse(latestOf(users) ?? "1970-01-01T00:00:00.000Z") + 1;
    const at = new Date(Math.max(now.getTime(), after)).toISOString();
    return { ...users, [name]: { at, finished: false } };
  });
  return users[name].at;
}

/** Notes that no copy from up to the time is left, unless another erasure of the user has begun. */
export async function finishErasure(objects: Objects, shop: string, user: string, at: string): Promise<void> {
  const name = await nameOnList(user);
  await change(objects, shop, (users) =>
    users[name]?.at === at ? { ...users, [name]: { at, finished: true } } : users,
  );
}

async function change(objects: Objects, shop: string, edit: (users: ErasedUsers) => ErasedUsers) {
  const path = paths.erased(shop);
  const list = await changeDocument(objects, path, ErasedList, (list) => ({
    users: edit((list ?? NONE).users),
  }));
  return list.users;
}

/** What an export notes of the list that it went by. */
export type KnownErasures = Pick<ExportMetrics, "erasedUntil">;

/**
 * What an attempt at an export knows, which read the list after it had started. It may have been
 * started twice, and only the second time found the list as it is: so later entries do not count.
 */
export function knownErasures(users: ErasedUsers, startedAt: string): KnownErasures {
  const erasedUntil = latestOf(users, (at) => at <= startedAt);
  return erasedUntil === undefined ? {} : { erasedUntil };
}

/** What a run's export knew. */
export function knownOf({ stages }: Manifest): KnownErasures {
  const erasedUntil = stages.export.metrics?.["erasedUntil"];
  return typeof erasedUntil === "string" ? { erasedUntil } : {};
}

/**
 * True if what was made from an export may still hold events from before the user's erasure: it
 * did not know of it, or copies were still there that it may have read.
 */
export const mayHoldErased = (
  { at, finished }: ErasedUsers[string],
  { erasedUntil }: KnownErasures,
): boolean => !finished || erasedUntil === undefined || at > erasedUntil;

/** The erased users of whom the data that a run reads and makes may still hold something. */
export async function erasedInRun(objects: Objects, manifest: Manifest): Promise<ErasedUsers> {
  const known = knownOf(manifest);
  const users = Object.entries(await readErased(objects, manifest.shop));
  return Object.fromEntries(users.filter(([, erased]) => mayHoldErased(erased, known)));
}

/** A warning about erasures that were begun, and never finished. */
export function unfinishedErasures(users: ErasedUsers): string[] {
  const times = Object.values(users).flatMap(({ at, finished }) => (finished ? [] : [at]));
  if (times.length === 0) return [];
  return [
    `${times.length} erasures of users are not finished, the first from ${times.sort()[0]}: run \`steamer user erase\` for them again.`,
  ];
}

function latestOf(users: ErasedUsers, counts: (at: string) => boolean = () => true): string | undefined {
  let latest: string | undefined;
  for (const { at } of Object.values(users))
    if ((latest === undefined || at > latest) && counts(at)) latest = at;
  return latest;
}
