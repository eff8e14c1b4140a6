import type { UntypedServiceImplementation } from "@grpc/grpc-js";
import type { PopularRequest, Recommendations, UserRequest } from "../../contracts/personalizer.ts";
import type { NewsLog } from "../../serving/following.ts";
import { popular, recommend } from "../recommend.ts";
import type { Shops } from "../shops.ts";
import { checkExclude, checkHistory, checkId, checkN } from "./checks.ts";
import { createDesk } from "./desk.ts";
import { predictMatrix } from "./predict-matrix.ts";
import { unary } from "./unary.ts";

/** The Personalizer's methods. */
export function handlers(shops: Shops, log: NewsLog): UntypedServiceImplementation {
  const desk = createDesk();
  const checked = ({ shop, scope, n, exclude }: PopularRequest) =>
    [shops.of(shop), { scope, n: checkN(n), exclude: checkExclude(exclude) }] as const;
  return {
    GetUserRecommendations: unary<UserRequest, Recommendations>(
      (request) => {
        const [shop, query] = checked(request);
        const user = checkId("user", request.user);
        return recommend(shop, { ...query, user, history: checkHistory(request.history) });
      },
      desk,
      log,
    ),
    GetPopular: unary<PopularRequest, Recommendations>((request) => popular(...checked(request)), desk, log),
    PredictMatrix: predictMatrix(shops, log),
  };
}
