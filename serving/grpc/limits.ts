import { ServerInterceptingCall, ServerListenerBuilder, status, type ServerInterceptor } from "@grpc/grpc-js";
import type { GrpcServerSettings } from "../../contracts/settings/grpc-server.ts";
import type { CallMetrics } from "./call-metrics.ts";
import { overload, tooLong, type Refusal } from "./refusals.ts";

type Limits = Pick<GrpcServerSettings, "maxCalls" | "maxStreams">;

/** A call whose request does not arrive gives its place up after this. */
const LONGEST_CALL_MS = 15_000;

/** A probe takes nobody's place. */
const URGENT = "/grpc.health.v1.Health/Check";

/**
 * Takes on so many calls and streams at once, refuses the others, and counts and times all of them.
 * A call is at work from its head to its status.
 */
export function limitLoad(
  { maxCalls, maxStreams }: Limits,
  { calls, durations, atWork }: CallMetrics,
  longestCallMs = LONGEST_CALL_MS,
): ServerInterceptor {
  const most = { calls: maxCalls, streams: maxStreams };

  return ({ path, responseStream }, call) => {
    const kind = responseStream ? "streams" : "calls";
    const startedAt = performance.now();
    const place = path === URGENT ? 0 : 1;
    let isOver = false;
    // A call that has got its status is cancelled after that: only the first counts.
    const end = (code: status) => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      atWork[kind] -= place;
      calls.add([path.slice(1), status[code]]);
      durations.observe(path.slice(1), (performance.now() - startedAt) / 1000);
    };
    const refuse = (refusal: Refusal) => {
      call.sendStatus(refusal);
      end(refusal.code);
    };
    const timer = responseStream ? undefined : setTimeout(() => refuse(tooLong()), longestCallMs).unref();
    atWork[kind] += place;
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next(
          new ServerListenerBuilder()
            .withOnReceiveMetadata((metadata, take) => {
              if (place === 0 || atWork[kind] <= most[kind]) take(metadata);
              else refuse(overload(kind));
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
