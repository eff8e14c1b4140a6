import { ServerInterceptingCall, ServerListenerBuilder, status, type ServerInterceptor } from "@grpc/grpc-js";
import type { Settings } from "../contracts/settings/settings.ts";
import type { ServiceMetrics } from "./observe/service-metrics.ts";
import { overload } from "./refusals.ts";

type Limits = Pick<Settings, "personalizer.maxCalls" | "personalizer.maxStreams">;

/** A probe takes nobody's place. */
const URGENT = "/grpc.health.v1.Health/Check";

/**
 * Takes on so many calls and streams at once, refuses the others, and counts and times all of them.
 * A call is at work from its head to its status.
 */
export function limitLoad(settings: Limits, { calls, durations, atWork }: ServiceMetrics): ServerInterceptor {
  const most = { calls: settings["personalizer.maxCalls"], streams: settings["personalizer.maxStreams"] };

  return ({ path, responseStream }, call) => {
    const kind = responseStream ? "streams" : "calls";
    const startedAt = performance.now();
    const place = path === URGENT ? 0 : 1;
    let isOver = false;
    // A call that has got its status is cancelled after that: only the first counts.
    const end = (code: status) => {
      if (isOver) return;
      isOver = true;
      atWork[kind] -= place;
      calls.add([path.slice(1), status[code]]);
      durations.observe(path.slice(1), (performance.now() - startedAt) / 1000);
    };
    atWork[kind] += place;
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next(
          new ServerListenerBuilder()
            .withOnReceiveMetadata((metadata, take) => {
              if (place === 0 || atWork[kind] <= most[kind]) return take(metadata);
              const refusal = overload(kind);
              call.sendStatus(refusal);
              end(refusal.code);
            })
            .withOnCancel(() => end(status.CANCELLED))
            .build(),
        ),
      sendStatus: (sent, next) => {
        end(sent.code ?? status.UNKNOWN);
        next(sent);
      },
    });
  };
}
