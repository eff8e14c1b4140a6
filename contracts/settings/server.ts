import { Type } from "typebox";
import { choice, integer } from "./schema.ts";
import { SHOP_PATTERN } from "./shop.ts";

/** The value of the setting `shops` that stands for every shop of the data folder. */
export const ALL_SHOPS = "all";

/** The recommender's addresses, access and limits. */
export const server = {
  shops: Type.Array(Type.String({ pattern: SHOP_PATTERN }), {
    description: `several shops for one recommender, each below /shops/<shop>, or one Personalizer: a,b; ${ALL_SHOPS}: every shop of the data folder (default: the one that the setting shop names)`,
    default: [],
    maxItems: 1000,
    uniqueItems: true,
  }),
  store: choice("where the recommender looks neighbours up: in the snapshot, in memory; or in Datastore", [
    "snapshot",
    "datastore",
  ]),

  lookupMs: integer(
    "store datastore: milliseconds that a request may wait for its neighbours; then popular items answer",
    200,
    10,
    10_000,
  ),

  host: Type.String({ description: "address that the recommender listens on", default: "127.0.0.1" }),
  port: integer("port that the recommender listens on", 8080, 0, 65_535),
  access: choice(
    "who may ask the recommender: anybody on this machine (a loopback host only); who has a key (`steamer keys`); or whom the service in front of it lets through",
    ["open", "keys", "iam"],
  ),
  origins: Type.Array(Type.String({ pattern: "^https?://[^/,]{1,256}$" }), {
    description: "web pages that may ask from a browser (CORS): https://shop.example",
    default: [],
    maxItems: 100,
  }),
  docs: Type.Boolean({ description: "show the reference of the API at /docs", default: false }),
  page: Type.Boolean({
    description:
      "with access open: show the shop as a storefront at /, and the operator's page at /operator (`steamer demo` and `serve` do)",
    default: false,
  }),
  maxConnections: integer(
    "connections to the recommender; for further ones those make room that have been idle for longest",
    2000,
    1,
    65_535,
  ),
  maxConnectionsPerAddress: integer(
    "connections from one address; further ones are closed. Behind a proxy all have its address",
    1000,
    1,
    65_535,
  ),
  headSeconds: integer("seconds within which a request's line and headers must arrive", 10, 1, 300),
  keepAliveSeconds: integer("seconds for which an idle connection stays open", 72, 1, 3600),
  maxConcurrent: integer("requests at work at once; further ones are told to come again", 500, 1, 65_535),
  opsHost: Type.String({
    description: "address of the operator's listener: metrics, the operator's page",
    default: "127.0.0.1",
  }),
  opsPort: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 65_535,
      description: "port of the operator's listener (default: there is none)",
    }),
  ),
  tokenKeyFile: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        "file with the secret that signs attribution tokens, at least 32 bytes (default: one made in the data folder)",
    }),
  ),
};
