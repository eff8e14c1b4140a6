import { Journal, Tool, type Execute } from "./command-line.ts";
import type { Deployment } from "./deployment.ts";
import { accountEmail, type Account } from "../contracts/google-names.ts";

/** The common tools of every step: the settings, and the programs that change the project. */
export interface Cloud extends Deployment {
  gcloud: Tool;
  bq: Tool;
  journal: Journal;
  email(account: Account): string;
}

export interface CloudOptions {
  dryRun?: boolean;
  announce?: (command: string) => void;
  execute?: Execute;
}

export function openCloud(deployment: Deployment, { execute, ...options }: CloudOptions = {}): Cloud {
  const { project } = deployment.steamer;
  const journal = new Journal(options);
  const common = { journal, ...(execute ? { execute } : {}) };
  const after = [`--project=${project}`, "--quiet"];
  const before = [`--project_id=${project}`, "--headless=true", "--quiet=true", "--format=json"];
  return {
    ...deployment,
    gcloud: new Tool({ name: "gcloud", after, ...common }),
    bq: new Tool({ name: "bq", before, ...common }),
    journal,
    email: (account) => accountEmail(account, project),
  };
}
