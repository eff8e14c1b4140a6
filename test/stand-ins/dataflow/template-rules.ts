import { Failure } from "../platform/faults.ts";
import { secondsOf, type Message } from "../platform/grpc.ts";

const DAY = 86_400;

/** @throws Failure for an inline workflow template that production would refuse. */
export function checkTemplate({ template, requestId }: Message): void {
  const cluster = template?.placement?.managedCluster;
  const { clusterName = "", labels = {}, config } = cluster ?? {};
  const jobs: Message[] = template?.jobs ?? [];
  const lifecycle = config?.lifecycleConfig;
  const allLabels = Object.entries<string>({ ...template?.labels, ...labels });
  const rules: [boolean, string][] = [
    [/^[\w-]{0,40}$/.test(requestId), "requestId must be at most 40 of letters, numbers, _ and -"],
    [cluster !== undefined && cluster !== null, "this stand-in needs placement.managedCluster"],
    [
      /^[a-z]([-a-z0-9]{0,33}[a-z0-9])$/.test(clusterName),
      "clusterName must be 2 to 35 of a-z, 0-9, -; first a letter",
    ],
    [jobs.length > 0, "at least one job is required"],
    [
      jobs.every(({ stepId }) => /^[A-Za-z0-9][\w-]{1,48}[A-Za-z0-9]$/.test(stepId)),
      "stepId must be 3 to 50 of letters, numbers, _, -",
    ],
    [jobs.every(({ pysparkJob }) => pysparkJob?.mainPythonFileUri), "this stand-in runs PySpark jobs only"],
    [
      jobs.every(({ scheduling }) => !scheduling?.maxFailuresPerHour),
      "restartable jobs are not supported in workflows",
    ],
    [within(template?.dagTimeout, 600, DAY), "dagTimeout must be between 10 minutes and 24 hours"],
    [within(lifecycle?.idleDeleteTtl, 300, 14 * DAY), "idleDeleteTtl must be between 5 minutes and 14 days"],
    [within(lifecycle?.autoDeleteTtl, 600, 14 * DAY), "autoDeleteTtl must be between 10 minutes and 14 days"],
    [
      isStandard(config?.masterConfig) && isStandard(config?.workerConfig),
      "only secondary workers may be preemptible",
    ],
    [
      allLabels.every(([key]) => /^[a-z][a-z0-9_-]{0,62}$/.test(key)),
      "label keys must be at most 63 of a-z, 0-9, _, -",
    ],
    [
      allLabels.every(([, value]) => /^[a-z0-9_-]{0,63}$/.test(value)),
      "label values must be at most 63 of a-z, 0-9, _, -",
    ],
  ];
  const broken = rules.find(([holds]) => !holds);
  if (broken) throw new Failure("INVALID_ARGUMENT", `Invalid workflow template: ${broken[1]}`);
}

const within = (duration: Message, least: number, most: number) =>
  !duration || (secondsOf(duration) >= least && secondsOf(duration) <= most);

const isStandard = (group?: Message) =>
  ["PREEMPTIBILITY_UNSPECIFIED", "NON_PREEMPTIBLE", undefined].includes(group?.preemptibility);
