import { grpcServer } from "./grpc-server.ts";

/** The Personalizer's addresses and limits. */
export const personalizer = grpcServer("personalizer", {
  who: "the Personalizer",
  port: 50_051,
  maxCalls: 200,
  streams: "streams of predictions",
});
