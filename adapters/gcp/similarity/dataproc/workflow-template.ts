import type { protos } from "@google-cloud/dataproc";
import { accountEmail } from "../../../../contracts/google-names.ts";
import { jobFiles } from "../../../../contracts/layout.ts";
import { bucketOf } from "../../../storage/choose.ts";
import type { StageContext } from "../../../../night/run/stage.ts";
import { attemptLabels } from "../../attempt.ts";
import { projectOf } from "../../clients.ts";
import { similarityRequest } from "./job-request.ts";

type Template = protos.google.cloud.dataproc.v1.IWorkflowTemplate;
type ClusterConfig = protos.google.cloud.dataproc.v1.IClusterConfig;

/** GA to 2027-06: Spark 3.5.3, Python 3.11. */
const IMAGE = "2.3-debian12";
/** Between the cluster's start and its only job, and between the job's end and the cluster's, lie seconds. */
const IDLE_SECONDS = 600;
/** How much longer than the stage a cluster may live: the workflow deletes it, this is for when it does not. */
const AGE_MARGIN_SECONDS = 600;
/** What Dataproc lets a workflow run. */
const [SHORTEST_DAG, LONGEST_DAG] = [600, 86_400];

/** Where the job's Python packages are unpacked, in the working directory of each process. */
const PACKAGES = "packages";
/** Archives are unpacked for containers only: so the driver, too, runs in one. */
const PROPERTIES = {
  "spark.submit.deployMode": "cluster",
  "spark.yarn.appMasterEnv.PYTHONPATH": PACKAGES,
  "spark.executorEnv.PYTHONPATH": PACKAGES,
  // Dataproc gives a driver's JVM a quarter of a machine; the matrix is built in its Python, which YARN counts as overhead.
  "spark.driver.memoryOverheadFactor": "1.5",
  // What failed once would fail again; a night has attempts of its own.
  "spark.yarn.maxAppAttempts": "1",
};

/** How long the cluster of an attempt can live whatever happens, in seconds. */
export const clusterAgeLimit = ({ settings }: StageContext): number =>
  settings.stageLimitMinutes * 60 + AGE_MARGIN_SECONDS;

/** The workflow of an attempt at the similarity stage: a cluster is made, runs the Spark job, and is deleted. */
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
    // The account of the machines may use this bucket, and no other.
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
      imageVersion: IMAGE,
      properties: {
        // The driver must not be on a machine that is taken away.
        "dataproc:am.primary_only": "true",
        // What a person needs is in Cloud Logging, beside the job; these would stay in the bucket after the cluster.
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
