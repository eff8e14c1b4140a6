import { Type, type Static } from "typebox";

/**
 * `shops/<shop>/keys.json`, beside the pointer: the clients that may call the recommender. It holds
 * hashes only. The keys themselves are not stored anywhere.
 */
export const KeyList = Type.Object({
  keys: Type.Record(
    Type.String({ pattern: "^[a-z0-9][a-z0-9-]{0,62}$" }),
    Type.Object({
      sha256: Type.String({ pattern: "^[0-9a-f]{64}$" }),
      since: Type.String({ description: "ISO 8601, UTC" }),
    }),
    { additionalProperties: false },
  ),
});
export type KeyList = Static<typeof KeyList>;
