import type { CurrentModel, LoadedModel } from "./model/current-model.ts";
import type { ServiceMetrics } from "./observe/service-metrics.ts";
import type { Tokens } from "./attribution/token.ts";
import type { createIntake } from "./attribution/intake.ts";
import { NoModel } from "./http/errors.ts";

/** What the routes share. */
export interface Context {
  model: CurrentModel;
  tokens: Tokens;
  take: ReturnType<typeof createIntake>;
  metrics: ServiceMetrics;
  /** See etag.ts. */
  stateTag: (model: LoadedModel, now: number) => string | null;
}

/** @throws NoModel before the first night, and while no model could be loaded. */
export function modelOf({ model }: Pick<Context, "model">): LoadedModel {
  const current = model.get();
  if (!current) throw new NoModel(model.failing());
  return current;
}
