import { Metadata, status } from "@grpc/grpc-js";
import { MODEL_METADATA } from "../contracts/personalizer.ts";
import { Refusal } from "../serving/grpc/refusals.ts";

export const notFound = (what: "shop" | "scope", name: string) =>
  new Refusal(status.NOT_FOUND, `there is no ${what} ${JSON.stringify(shortened(name))}`);

/** Nobody can be recommended anything by factors before there are some. */
export const noModel = (shop: string) =>
  new Refusal(
    status.UNAVAILABLE,
    `the shop ${shop} has no model with factors yet: run \`steamer nightly --shop ${shop}\` with als.factors above 0; the log says what could not be loaded`,
  );

/** A user whose erasure it has not read of must not be answered. */
export const nobodyKnown = (shop: string) =>
  new Refusal(
    status.UNAVAILABLE,
    `who was erased of ${shop} could not be read of late: try again; the log says why`,
  );

/** The model is named: another one may know more. */
export function nothingKnown(model: string): Refusal {
  const metadata = new Metadata();
  metadata.set(MODEL_METADATA, model);
  const why =
    "the model does not know the user, nor an item of the history: ask for popular items (GetPopular)";
  return new Refusal(status.FAILED_PRECONDITION, why, metadata);
}

const shortened = (text: string) => (text.length > 100 ? `${text.slice(0, 100)}...` : text);
