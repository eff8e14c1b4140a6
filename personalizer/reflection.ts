import type { Server } from "@grpc/grpc-js";
import { ReflectionService } from "@grpc/reflection";
import { reflectedDefinitions } from "../adapters/grpc/personalizer.ts";

/** Tells clients what services there are, by the descriptors that buf made. */
export function addReflection(server: Server): void {
  new ReflectionService(reflectedDefinitions).addToServer(server);
}
