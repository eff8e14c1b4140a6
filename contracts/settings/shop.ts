import { Type } from "typebox";
import { shaping } from "./schema.ts";

export const SHOP_PATTERN = "^[a-z0-9][a-z0-9-]{0,62}$";

/** The shop, and the place of its data. */
export const shop = {
  shop: shaping(
    Type.String({
      description: "the shop: its models and runs live under shops/<shop>",
      default: "shop",
      pattern: SHOP_PATTERN,
    }),
  ),
  data: Type.String({
    description: "what holds everything: a folder, or gs://<bucket>",
    default: ".steamer",
    minLength: 1,
  }),
  pointer: Type.Optional(
    Type.String({
      description:
        "gs://<bucket> of the pointers and block lists, which few may write (default: the same as data)",
      pattern: "^gs://[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$",
    }),
  ),
};
