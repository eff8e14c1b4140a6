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
/** MiB for each further shop, mostly the events that it remembers. */
const FURTHER_SHOP = 32;
/** MiB of a first model, whose size nobody knows yet. */
const FIRST = 219;
/**
 * Models in memory at a swap: the old one, which answers, and the new one with what reading it
 * takes. Measured together: 3.0 for a recommender; 2.3 for a Personalizer, which reads its files
 * one after the other. Of several shops one swaps at a time.
 */
const OLD = 1;
const NEW = { recommender: 2, Personalizer: 1.5 };
/** The next model may grow by this factor before another deployment. */
const GROWTH = 1.25;

const mibOf = (memory: string) => Number.parseInt(memory, 10) * (memory.endsWith("Gi") ? GiB : 1);

/** Why Cloud Run has no machine with two CPUs or more of this memory; undefined: it has one. */
export function faultOfMemory(memory: string): string | undefined {
  if (mibOf(memory) < 512) return "Cloud Run's least is 512Mi";
  return mibOf(memory) > OFFERS.at(-1)!.most ? "Cloud Run has no machine of so much" : undefined;
}

/**
 * The CPUs that Cloud Run requires for an amount of memory, such as `4Gi` or `512Mi`; two at least.
 * @param setting of `deploy` that says how much
 * @throws Problem when it has no such machine.
 */
export function cpusFor(memory: string, setting: string): number {
  const offer = OFFERS.find(({ most }) => mibOf(memory) <= most);
  if (offer) return Math.max(2, offer.cpu);
  const next = `set deploy.${setting} to ${32}Gi or less`;
  throw new Problem({ doing: "Choosing CPUs", why: `Cloud Run has no machine of ${memory}`, next });
}

/** Bytes of a model in memory; null stands for a first model of unknown size. */
type ModelBytes = number | null;

/** Memory and CPUs as Cloud Run takes them. */
interface Size {
  memory: string;
  cpu: number;
}

/**
 * The size of a recommender that holds a snapshot of so many bytes for each of its shops, and swaps
 * them for the next ones.
 * @throws Problem when Cloud Run has no machine for it.
 */
export const recommenderSize = (snapshots: readonly ModelBytes[]): Size =>
  sizeFor(
    "recommender",
    snapshots,
    "set steamer.store to datastore, make the model smaller (steamer.top, steamer.minSupport), or serve fewer shops together",
  );

/**
 * The same of a Personalizer, whose models have factors too.
 * @throws Problem when Cloud Run has no machine for it.
 */
export const personalizerSize = (models: readonly ModelBytes[]): Size =>
  sizeFor(
    "Personalizer",
    models,
    "lower steamer.als.factors or steamer.top, serve fewer shops together, or set deploy.personalizer to false",
  );

function sizeFor(service: keyof typeof NEW, models: readonly ModelBytes[], next: string): Size {
  const sizes = models.map((bytes) => (bytes === null ? FIRST : bytes / MiB));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const largest = Math.max(...sizes);
  const program = PROGRAM + FURTHER_SHOP * (sizes.length - 1);
  // When the largest is swapped last, the others have grown already.
  const wanted = program + GROWTH * (total - largest) + (OLD + NEW[service] * GROWTH) * largest;
  const memory = Math.max(512, Math.ceil(wanted / 256) * 256);
  const offer = OFFERS.find(({ most }) => memory <= most);
  if (offer) return { memory: `${memory}Mi`, cpu: offer.cpu };
  throw new Problem({
    doing: `Choosing the ${service}'s memory`,
    why: `a swap of models of ${Math.round(total)} MiB needs ${memory} MiB, Cloud Run has ${32 * GiB}`,
    next,
  });
}
