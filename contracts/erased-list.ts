import { Type, type Static } from "typebox";

/** A time to the millisecond, so that texts compare as times do. */
const Time = Type.String({
  pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$",
  description: "ISO 8601, UTC",
});

/**
 * `shops/<shop>/erased.json`, beside the pointer: the users that were erased. Their ids are not
 * stored, only SHA-256 of an id's UTF-8 bytes, in hexadecimal. contracts/golden/erased.json has
 * examples.
 */
export const ErasedList = Type.Object({
  users: Type.Record(
    Type.String({ pattern: "^[0-9a-f]{64}$" }),
    Type.Object({
      at: Type.Unsafe<string>({
        ...Time,
        description: "events up to this time do not count; each entry has another",
      }),
      finished: Type.Boolean({ description: "false: copies of their data may still be there" }),
    }),
    { additionalProperties: false },
  ),
});
export type ErasedList = Static<typeof ErasedList>;
export type ErasedUsers = ErasedList["users"];
