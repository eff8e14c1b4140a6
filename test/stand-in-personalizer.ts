import { personalizerDefinition } from "../adapters/grpc/personalizer.ts";
import type { UserRequest } from "../contracts/personalizer.ts";
import { startStandInOf, type Says } from "./stand-in-service.ts";

/** A Personalizer that answers as a test says, where the real one would not. */
export const startStandIn = (says: Says<UserRequest>, port = 0) =>
  startStandInOf(
    "GetUserRecommendations",
    personalizerDefinition.GetUserRecommendations as never,
    says,
    port,
  );

/** A list as the contract has it: the best first. */
export const listOf = (items: string[], model: string) => ({
  model,
  results: items.map((item, k) => ({ item, score: 1 / (k + 1), because: ["toys-0000"] })),
});
