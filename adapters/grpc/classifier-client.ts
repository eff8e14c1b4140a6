import { Type, type Static } from "typebox";
import { Value } from "typebox/value";
import { INFERENCE, MAX_MESSAGE_BYTES } from "../../contracts/inference.ts";
import { CallFailed } from "../../day/calls.ts";
import type { Classification, Classifier } from "../../day/classifier.ts";
import { credentialsFor, type Auth } from "./credentials.ts";
import { inferenceDefinition } from "./inference.ts";
import { UnaryClient } from "./unary-client.ts";

const Share = Type.Number({ minimum: 0, maximum: 1 });

/** What the contract lets an answer be. Fields that are not there have their defaults. */
const Answer = Type.Object({
  label: Type.String({ minLength: 1, maxLength: 1000 }),
  score: Share,
  sentiment: Share,
  model: Type.String({ minLength: 1, maxLength: 1000 }),
  truncated: Type.Boolean(),
});

/** A client of the inference service at `host:port`. */
export function openClassifier(address: string, auth: Auth = "none"): Classifier {
  const channel = credentialsFor(address, auth);
  const place = { address, channel, name: INFERENCE, maxMessageBytes: MAX_MESSAGE_BYTES };
  const client = new UnaryClient({ ...place, definition: inferenceDefinition });
  return {
    async classify(text, options) {
      const answer = await client.call("ClassifyText", { text }, options);
      if (!Value.Check(Answer, answer)) throw new CallFailed("GARBAGE", "the answer breaks the contract");
      return onlyOf(answer);
    },
    close: () => client.close(),
  };
}

/** The service tells more, such as the probabilities of all labels. */
function onlyOf({ label, score, sentiment, model, truncated }: Static<typeof Answer>): Classification {
  return { label, score, sentiment, model, truncated };
}
