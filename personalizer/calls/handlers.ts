import type { UntypedServiceImplementation } from "@grpc/grpc-js";
import type {
  Pair,
  PopularRequest,
  Prediction,
  Recommendations,
  UserRequest,
} from "../../contracts/personalizer.ts";
import type { NewsLog } from "../../serving/following.ts";
import { answers } from "../../serving/grpc/answers.ts";
import { createDesk } from "../../serving/grpc/desk.ts";
import { checkWaitedFor, unary } from "../../serving/grpc/unary.ts";
import { popular, recommend } from "../recommend.ts";
import type { Shops } from "../shops.ts";
import { checkExclude, checkHistory, checkId, checkN } from "./checks.ts";
import { createPredictor } from "./predictor.ts";

/** The Personalizer's methods. */
export function handlers(shops: Shops, log: NewsLog): UntypedServiceImplementation {
  const desk = createDesk();
  // Calls are answered one after the other, each when it is its turn.
  const inTurn = <Request, Answer>(carryOut: (request: Request) => Answer) =>
    unary<Request, Answer>((request, call) => {
      return desk(() => {
        checkWaitedFor(call);
        return carryOut(request);
      });
    }, log);
  const checked = ({ shop, scope, n, exclude }: PopularRequest) =>
    [shops.of(shop), { scope, n: checkN(n), exclude: checkExclude(exclude) }] as const;
  return {
    GetUserRecommendations: inTurn<UserRequest, Recommendations>((request) => {
      const [shop, query] = checked(request);
      const user = checkId("user", request.user);
      return recommend(shop, { ...query, user, history: checkHistory(request.history) });
    }),
    GetPopular: inTurn<PopularRequest, Recommendations>((request) => popular(...checked(request))),
    PredictMatrix: answers<Pair, Prediction>(() => createPredictor(shops), 1, log),
  };
}
