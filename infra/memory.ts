import { Problem } from "../contracts/problem.ts";

const MiB = 1024 ** 2;
const GiB = 1024;
/** Cloud Run's offers: more memory needs more CPUs. */
const OFFERS = [
  { cpu: 1, most: 4 * GiB },
  { cpu: 2, most: 8 * GiB },
  { cpu: 4, most: 16 * GiB },
  { cpu: 8, most: 32 * GiB },
];
/** MiB for the program without a model; 127 were measured. */
const PROGRAM = 256;
/** Before the first model: enough for one of 219 MiB. */
const FIRST = 1 * GiB;
/**
 * Models in memory at a swap: the old one, which answers, and the new one twice during its
 * checksum. Measured: 3.0.
 */
const OLD = 1;
const NEW = 2;
/** The next model may grow by this factor before another deployment. */
const GROWTH = 1.25;

/**
 * The CPUs that Cloud Run requires for an amount of memory, such as `4Gi` or `512Mi`.
 * @throws Problem when it has no such machine.
 */
export function cpusFor(memory: string): number {
  const MiBs = Number.parseInt(memory, 10) * (memory.endsWith("Gi") ? GiB : 1);
  const offer = OFFERS.find(({ most }) => MiBs <= most);
  if (offer) return Math.max(2, offer.cpu);
  const next = `set deploy.loadMemory to ${32}Gi or less`;
  throw new Problem({ doing: "Choosing CPUs", why: `Cloud Run has no machine of ${memory}`, next });
}

/**
 * Memory and CPUs of a recommender that holds a snapshot of so many bytes, and swaps it for the
 * next. Null stands for a first model of unknown size.
 * @throws Problem when Cloud Run has no machine for it.
 */
export function recommenderSize(snapshotBytes: number | null): { memory: string; cpu: number } {
  const wanted = snapshotBytes === null ? FIRST : PROGRAM + ((OLD + NEW * GROWTH) * snapshotBytes) / MiB;
  const memory = Math.max(512, Math.ceil(wanted / 256) * 256);
  const offer = OFFERS.find(({ most }) => memory <= most);
  if (offer) return { memory: `${memory}Mi`, cpu: offer.cpu };
  throw new Problem({
    doing: "Choosing the recommender's memory",
    why: `a swap of models of ${Math.round((snapshotBytes ?? 0) / MiB)} MiB needs ${memory} MiB, Cloud Run has ${32 * GiB}`,
    next: "set steamer.store to datastore, or make the model smaller: steamer.top, steamer.minSupport",
  });
}
