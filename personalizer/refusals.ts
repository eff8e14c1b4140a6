import { status } from "@grpc/grpc-js";

/** A call that does not get what it asked for, through no fault of the Personalizer. */
export class Refusal extends Error {
  /** A status of gRPC. */
  readonly code: number;
  readonly details: string;

  constructor(code: number, details: string) {
    super(details);
    this.code = code;
    this.details = details;
  }
}

export const invalid = (details: string) => new Refusal(status.INVALID_ARGUMENT, details);

export const notFound = (what: "shop" | "scope", name: string) =>
  new Refusal(status.NOT_FOUND, `there is no ${what} ${JSON.stringify(shortened(name))}`);

/** Nobody can be recommended anything by factors before there are some. */
export const noModel = (shop: string) =>
  new Refusal(
    status.UNAVAILABLE,
    `the shop ${shop} has no model with factors yet: run \`steamer nightly --shop ${shop}\` with als.factors above 0; the log says what could not be loaded`,
  );

export const nothingKnown = () =>
  new Refusal(
    status.FAILED_PRECONDITION,
    "the model does not know the user, nor an item of the history: ask for popular items (GetPopular)",
  );

export const overload = (what: string) =>
  new Refusal(status.RESOURCE_EXHAUSTED, `too many ${what} at once: try again later`);

export const tooLong = () =>
  new Refusal(status.DEADLINE_EXCEEDED, "the request did not arrive in time, or nobody reads its answer");

const shortened = (text: string) => (text.length > 100 ? `${text.slice(0, 100)}...` : text);
