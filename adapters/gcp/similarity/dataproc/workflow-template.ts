import type { protos } from "@google-cloud/dataproc";
import { accountEmail, CLUSTER_IMAGE } from "../../../../contracts/google-names.ts";
import { jobFiles } from "../../../../contracts/layout.ts";
import { bucketOf } from "../../../storage/choose.ts";
import type { StageContext } from "../../../../night/run/stage.ts";
import { attemptLabels } from "../../attempt.ts";
import { projectOf } from "../../clients.ts";
import { similarityRequest } from "./job-request.ts";

type Template = protos.google.cloud.dataproc.v1.IWorkflowTemplate;
type ClusterConfig = protos.google.cloud.dataproc.v1.IClusterConfig;

/** The cluster idles for seconds only: before its one job and after it. */
const IDLE_SECONDS = 600;
/**
 * Added to the stage's limit. The workflow deletes the cluster; this limit is for when it does not.
 */
const AGE_MARGIN_SECONDS = 600;
/** Dataproc's limits on a workflow's running time, in seconds. */
const [SHORTEST_DAG, LONGEST_DAG] = [600, 86_400];

/** The folder of the job's Python packages, in the working directory of each process. */
const PACKAGES = "packages";
/** Dataproc unpacks archives for containers only, so the driver runs in one, too. */
const PROPERTIES = {
  "spark.submit.deployMode": "cluster",
  "spark.yarn.appMasterEnv.PYTHONPATH": PACKAGES,
  "spark.executorEnv.PYTHONPATH": PACKAGES,
  // Dataproc gives a driver's JVM a quarter of a machine. The driver's Python builds the matrix,
  // and YARN counts it as overhead.
  "spark.driver.memoryOverheadFactor": "1.5",
  // A second attempt would fail like the first. A night has attempts of its own.
  "spark.yarn.maxAppAttempts": "1",
};

/** The longest life of an attempt's cluster, in seconds. */
export const clusterAgeLimit = ({ settings }: StageContext): number =>
  settings.stageLimitMinutes * 60 + AGE_MARGIN_SECONDS;

/**
 * The workflow of an attempt at the similarity stage: it makes a cluster, runs the Spark job, and
 * deletes the cluster.
 */
export function workflowTemplate(context: StageContext, name: string): Template {
  const { manifest, settings } = context;
  const labels = attemptLabels(manifest, "similarity");
  const { main, code, packages } = jobFiles.spark;
  const inBucket = (path: string) => `${settings.data}/${path}`;
  const pysparkJob = {
    mainPythonFileUri: inBucket(main),
    pythonFileUris: [inBucket(code)],
    archiveUris: [`${inBucket(packages)}#${PACKAGES}`],
    properties: PROPERTIES,
    args: ["--request", similarityRequest(context)],
  };
  const limit = Math.min(Math.max(settings.stageLimitMinutes * 60, SHORTEST_DAG), LONGEST_DAG);
  return {
    id: name,
    placement: { managedCluster: { clusterName: name, labels, config: clusterConfig(context) } },
    jobs: [{ stepId: "similarity", labels, pysparkJob }],
    dagTimeout: { seconds: limit },
  };
}

function clusterConfig(context: StageContext): ClusterConfig {
  const { settings } = context;
  const { clusterMachine: machineTypeUri, clusterWorkers, clusterSpotWorkers, subnetwork } = settings;
  const bucket = bucketOf(settings.data) ?? "";
  return {
    // The machines' account may use this bucket and no other.
    configBucket: bucket,
    tempBucket: bucket,
    gceClusterConfig: {
      serviceAccount: accountEmail("dataproc", projectOf(settings)),
      serviceAccountScopes: ["https://www.googleapis.com/auth/cloud-platform"],
      internalIpOnly: true,
      ...(subnetwork ? { subnetworkUri: subnetwork } : {}),
    },
    masterConfig: { numInstances: 1, machineTypeUri },
    workerConfig: { numInstances: clusterWorkers, machineTypeUri },
    ...(clusterSpotWorkers > 0
      ? { secondaryWorkerConfig: { numInstances: clusterSpotWorkers, preemptibility: "SPOT" } }
      : {}),
    softwareConfig: {
      imageVersion: CLUSTER_IMAGE,
      properties: {
        // The driver must not run on a machine that can be taken away.
        "dataproc:am.primary_only": "true",
        // People read these logs in Cloud Logging, beside the job. In the bucket they would outlive
        // the cluster.
        "dataproc:dataproc.logging.stackdriver.job.yarn.container.enable": "true",
        "spark:spark.eventLog.enabled": "false",
        "yarn:yarn.log-aggregation-enable": "false",
      },
    },
    lifecycleConfig: {
      idleDeleteTtl: { seconds: IDLE_SECONDS },
      autoDeleteTtl: { seconds: clusterAgeLimit(context) },
    },
  };
}
