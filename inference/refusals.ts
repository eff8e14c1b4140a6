import { status } from "@grpc/grpc-js";
import { Refusal } from "../serving/grpc/refusals.ts";

export const noModel = (place: string) =>
  new Refusal(
    status.UNAVAILABLE,
    `there is no model at ${place} yet: \`npm run model:sentiment\` makes one; the log says what could not be loaded`,
  );

/** The text itself may be the reason: another try with the same text would end the same way. */
export const threadEnded = () =>
  new Refusal(status.INTERNAL, "a thread of the model has ended twice over this text; the log says more");
