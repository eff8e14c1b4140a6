import { asking, ifThere } from "../gcp/failures.ts";

/**
 * Asks a database of Datastore for what it has of a user. Null: there is no such database, so
 * nobody has anything there.
 * @throws Problem that says how to get the right to it.
 */
export const askDatabase = <T>(name: string, shop: string, call: () => Promise<T>): Promise<T | null> =>
  asking(
    `Looking for a user of ${shop} in the database ${name}`,
    'have yourself given the right to it: docs/OPERATIONS.md, "A customer wants to be forgotten"',
    () => ifThere(call),
  );
