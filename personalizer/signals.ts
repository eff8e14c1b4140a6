import type { Personalizer } from "./server.ts";

/** SIGTERM and SIGINT let the calls under way end, then end the process. */
export function closeOnSignals({ close }: Pick<Personalizer, "close">): void {
  const stop = async () => {
    await close();
    // A model that still loads is not waited for.
    process.exit();
  };
  process.once("SIGINT", () => void stop()).once("SIGTERM", () => void stop());
}
