import { Type } from "typebox";
import { integer } from "./schema.ts";

/** The Personalizer's addresses and limits. */
export const personalizer = {
  "personalizer.host": Type.String({
    description: "address that the Personalizer listens on; it knows no access control of its own",
    default: "127.0.0.1",
  }),
  "personalizer.port": integer("port that the Personalizer listens on", 50_051, 0, 65_535),
  "personalizer.maxCalls": integer(
    "calls at work at once; further ones are told to come again (RESOURCE_EXHAUSTED)",
    200,
    1,
    65_535,
  ),
  "personalizer.maxStreams": integer(
    "streams of predictions open at once, health watches and reflection among them",
    100,
    1,
    65_535,
  ),
  "personalizer.opsHost": Type.String({
    description: "address of the Personalizer's operator's listener: metrics",
    default: "127.0.0.1",
  }),
  "personalizer.opsPort": Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 65_535,
      description: "port of the Personalizer's operator's listener (default: there is none)",
    }),
  ),
};
