import type { MethodDefinition, ServiceDefinition } from "@grpc/grpc-js";
import {
  PERSONALIZER,
  type Pair,
  type PopularRequest,
  type Prediction,
  type Recommendations,
  type UserRequest,
} from "../../contracts/personalizer.ts";
import { contractOf } from "./descriptors.ts";

/** The Personalizer's methods, for grpc-js. */
export interface PersonalizerDefinition extends ServiceDefinition {
  GetUserRecommendations: MethodDefinition<UserRequest, Recommendations>;
  GetPopular: MethodDefinition<PopularRequest, Recommendations>;
  PredictMatrix: MethodDefinition<Pair, Prediction>;
}

const contract = contractOf<PersonalizerDefinition>("personalizer", PERSONALIZER);
export const { definition: personalizerDefinition, files: personalizerFiles } = contract;
