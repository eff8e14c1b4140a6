import { Type, type Static } from "typebox";

/** `shops/<shop>/keys.json`, beside the pointer: who may ask the recommender. The keys themselves are nowhere. */
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
