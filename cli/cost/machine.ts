/** GB of memory for each vCPU. */
const MEMORY: Record<string, number> = {
  "n1-standard": 3.75,
  "n1-highmem": 6.5,
  "n1-highcpu": 0.9,
  "n2-standard": 4,
  "n2-highmem": 8,
  "n2-highcpu": 1,
};

export interface Machine {
  cpus: number;
  memoryGb: number;
}

/** CPUs and memory of a machine type ("n2-standard-4"); null when its price is unknown here. */
export function machineOf(type: string): Machine | null {
  const [, family = "", size = ""] = /^(n\d-[a-z]+)-(\d+)$/.exec(type) ?? [];
  const memory = MEMORY[family];
  return memory === undefined ? null : { cpus: Number(size), memoryGb: Number(size) * memory };
}
