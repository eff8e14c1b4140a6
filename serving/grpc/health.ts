import type { Server } from "@grpc/grpc-js";
import { HealthImplementation } from "grpc-health-check";
import { LIVENESS } from "../../contracts/health.ts";

/** The standard health service. */
export interface Health {
  /** Looks again whether the server serves. */
  update(): void;
  /** From now on it serves no more. */
  end(): void;
}

/** @param serves true while the service can answer calls */
export function addHealth(server: Server, service: string, serves: () => boolean): Health {
  const health = new HealthImplementation({});
  let isOver = false;
  let last = "";
  const update = () => {
    const now = !isOver && serves() ? "SERVING" : "NOT_SERVING";
    // Watches are told of changes alone.
    if (now !== last) for (const name of ["", service]) health.setStatus(name, now);
    last = now;
  };
  update();
  health.setStatus(LIVENESS, "SERVING");
  health.addToServer(server);
  return {
    update,
    end() {
      isOver = true;
      update();
    },
  };
}
