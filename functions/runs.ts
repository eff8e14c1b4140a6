import { cloudNight, cloudQueue } from "../adapters/gcp/night.ts";
import { backfill, cancel, rerun } from "../night/run/operate.ts";
import { listRuns } from "../night/run/run.ts";
import type { Call, Endpoint } from "./handler.ts";
import { RunsRequest } from "./requests.ts";
import { start } from "./start-run.ts";

/** An operator's actions: status, start, cancel, rerun, backfill. Each is one call. */
export const runsEndpoint: Endpoint<typeof RunsRequest> = {
  name: "runs",
  schema: RunsRequest,
  problems: "show",
  async work(call) {
    const { log, caller, body } = call;
    const answer = await act(call);
    log("INFO", `${caller} asked for ${body.action}`, { request: body });
    return answer;
  },
};

async function act({ body, settings, log }: Call<RunsRequest>): Promise<unknown> {
  if (body.action === "start") return start(settings, log);
  const night = await cloudNight(settings);
  if (body.action === "status") {
    const runs = await listRuns(night.objects, settings.shop);
    return { runs: runs.slice(-(body.limit ?? 10)).map(({ value }) => value) };
  }
  const queue = await cloudQueue(settings);
  if (body.action === "cancel") return cancel(night, queue, body);
  if (body.action === "rerun") return rerun(night, queue, body);
  return backfill(night, queue, body);
}
