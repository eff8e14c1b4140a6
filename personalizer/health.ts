import type { Server } from "@grpc/grpc-js";
import { HealthImplementation } from "grpc-health-check";
import { PERSONALIZER } from "../contracts/personalizer.ts";
import type { Shops } from "./shops.ts";

/** The standard health service. */
export interface Health {
  /** Serving, as long as one shop at least has a model. */
  update(): void;
  /** From now on it serves no more. */
  end(): void;
}

export function addHealth(server: Server, shops: Shops): Health {
  const health = new HealthImplementation({});
  let isOver = false;
  let last = "";
  const update = () => {
    const serves = !isOver && shops.all().some((shop) => shop.hasModel());
    const now = serves ? "SERVING" : "NOT_SERVING";
    // Watches are told of changes alone.
    if (now !== last) for (const service of ["", PERSONALIZER]) health.setStatus(service, now);
    last = now;
  };
  update();
  health.addToServer(server);
  return {
    update,
    end() {
      isOver = true;
      update();
    },
  };
}
