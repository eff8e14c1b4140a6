/** Starts a local Google Cloud for a person: `npx node test/stand-ins/start.ts [service...]`. */
import { startCloud, type CloudOptions } from "./cloud.ts";

const services = process.argv.slice(2) as NonNullable<CloudOptions["services"]>;
const cloud = await startCloud({
  buckets: ["steamer-local"],
  queues: ["steamer"],
  ...(services.length > 0 && { services }),
});
console.log(JSON.stringify({ endpoints: cloud.endpoints, scheduler: cloud.schedulerEndpoint }, null, 2));
console.log("Ctrl-C ends it.");
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => void cloud.close());
