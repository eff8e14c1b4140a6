import { Type } from "typebox";
import { choice, integer } from "./schema.ts";

/** Lists that a night computes where there is a Personalizer. docs/PERSONAL.md has the reason. */
export const AHEAD = 1000;

/** Personal recommendations: who computes them, and how long anybody waits for it. */
export const personal = {
  "personal.address": Type.Optional(
    Type.String({
      description:
        "host:port of the Personalizer (default: there is none; similar and popular items answer for everybody)",
      pattern: "^[^\\s/]{1,253}:\\d{1,5}$",
    }),
  ),
  "personal.auth": choice(
    "how the Personalizer is called: in plain text (on this machine, or where only your services reach it); or with TLS and a Google identity token for https:// and its host, as a Cloud Run service wants it",
    ["none", "google"],
  ),
  "personal.results": integer(
    "length of a stored list: more than is shown, as what was bought or taken down is left out later",
    40,
    1,
    100,
  ),
  "personal.ttlSeconds": integer("seconds for which a list is kept", 3600, 1, 2_592_000),
  "personal.ahead": Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 1e6,
      description: `users whose lists a night computes ahead, those with the most items (default: ${AHEAD} with personal.address, else 0)`,
    }),
  ),
  "personal.cacheMs": integer(
    "milliseconds that a request may wait for a stored list, and for the user's reviews",
    50,
    1,
    10_000,
  ),
  "personal.waitMs": integer(
    "milliseconds that a request without one may then wait for a fresh list; 0: none, it is for the next request",
    0,
    0,
    10_000,
  ),
  "personal.callMs": integer("deadline of one call of the Personalizer, in milliseconds", 1000, 1, 60_000),
  "personal.retries": integer("times that a failed call is tried again", 2, 0, 10),
  "personal.atOnce": integer(
    "calls at work at once, for each shop and instance (not on Google Cloud: there the queue limits them)",
    8,
    1,
    1000,
  ),
  "personal.queued": integer(
    "lists of a shop that may wait to be computed; others are dropped (on Google Cloud: of all shops, about)",
    1000,
    1,
    1e6,
  ),
  "personal.breakMs": integer(
    "after failures in a row nobody calls the Personalizer for so many milliseconds; then one call tries it",
    5000,
    1,
    600_000,
  ),
};

/** The users whose lists a night computes. Without a Personalizer nobody would read them. */
export const aheadOf = ({
  "personal.ahead": ahead,
  "personal.address": address,
}: {
  "personal.ahead"?: number;
  "personal.address"?: string;
}): number => ahead ?? (address === undefined ? 0 : AHEAD);
