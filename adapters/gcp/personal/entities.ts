import { createHash } from "node:crypto";
import type { Datastore, Key } from "@google-cloud/datastore";
import { Type, type Static } from "typebox";
import { Value } from "typebox/value";
import { LISTS } from "../../../contracts/datastore.ts";
import type { KeptList, ListKey, PersonalList } from "../../../day/personal-lists.ts";

const Claim = Type.Object({ holder: Type.String(), expireAt: Type.Unsafe<Date>(Type.Any()) });
export type Claim = Static<typeof Claim>;

const Stored = Type.Object({
  model: Type.String(),
  scope: Type.String(),
  list: Type.String(),
  expireAt: Type.Unsafe<Date>(Type.Any()),
});

type Kind = (typeof LISTS)[keyof typeof LISTS];

/** The key's name is a hash: ids may be longer than names may be, and it spreads over the range. */
export function keyOf(client: Datastore, kind: Kind, { shop, model, scope, user }: ListKey): Key {
  const name = createHash("sha256")
    .update(JSON.stringify([model, scope, user]))
    .digest("hex");
  return client.key({ namespace: shop, path: [kind, name] });
}

/** A text of more than 1,500 bytes may not be indexed; an index of times would be a hot spot. */
export const entityOfList = (client: Datastore, key: ListKey, list: PersonalList, expiresAt: number) => ({
  key: keyOf(client, LISTS.list, key),
  excludeFromIndexes: ["model", "scope", "list", "expireAt"],
  data: {
    user: key.user,
    model: key.model,
    scope: key.scope,
    list: JSON.stringify(list),
    expireAt: new Date(expiresAt),
  },
});

export const entityOfClaim = (client: Datastore, key: ListKey, holder: string, until: number) => ({
  key: keyOf(client, LISTS.claim, key),
  excludeFromIndexes: ["holder", "expireAt"],
  data: { user: key.user, holder, expireAt: new Date(until) },
});

/** Null: there is none. @throws Error for what no Steamer has written. */
export function claimOf(entity: unknown): Claim | null {
  if (entity === undefined) return null;
  if (!Value.Check(Claim, entity) || !isTime(entity.expireAt)) throw damaged(LISTS.claim);
  return entity;
}

/** Null: there is none, or it has expired. @throws Error for what no Steamer has written. */
export const listOf = (entity: unknown, now: number): PersonalList | null =>
  keptListOf(entity, now)?.list ?? null;

export function keptListOf(entity: unknown, now: number): KeptList | null {
  if (entity === undefined) return null;
  if (!Value.Check(Stored, entity) || !isTime(entity.expireAt)) throw damaged(LISTS.list);
  const { model, scope, list, expireAt } = entity;
  return expireAt.getTime() <= now ? null : { model, scope, list: JSON.parse(list) as PersonalList };
}

const isTime = (value: unknown): value is Date => value instanceof Date;

const damaged = (kind: Kind) => new Error(`an entity of ${kind} is not what contracts/datastore.ts says`);
