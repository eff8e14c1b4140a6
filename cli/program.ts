import { Command } from "commander";
import { packageVersion } from "../adapters/version.ts";

type Add = (program: Command) => void;

/** The commands of each module, in the order in which `--help` lists them. */
const MODULES: [names: string, load: () => Promise<Add>][] = [
  ["demo", async () => (await import("./commands/demo.ts")).addDemo],
  ["nightly", async () => (await import("./commands/nightly.ts")).addNightly],
  ["serve", async () => (await import("./commands/serve.ts")).addServe],
  ["personalizer", async () => (await import("./commands/personalizer.ts")).addPersonalizer],
  ["inference", async () => (await import("./commands/inference.ts")).addInference],
  ["recommend", async () => (await import("./commands/recommend.ts")).addRecommend],
  ["evaluate", async () => (await import("./commands/evaluate.ts")).addEvaluate],
  ["tune", async () => (await import("./commands/tune.ts")).addTune],
  ["models rollback release", async () => (await import("./commands/models.ts")).addModels],
  ["catalogue", async () => (await import("./commands/catalogue.ts")).addCatalogue],
  ["takedown", async () => (await import("./commands/takedown.ts")).addTakedown],
  ["keys", async () => (await import("./commands/keys.ts")).addKeys],
  ["user", async () => (await import("./commands/user.ts")).addUser],
  ["reviews", async () => (await import("./commands/reviews.ts")).addReviews],
  ["runs", async () => (await import("./commands/runs.ts")).addRuns],
  ["start cancel rerun backfill", async () => (await import("./commands/operate.ts")).addOperate],
  ["cost", async () => (await import("./commands/cost.ts")).addCost],
];

/**
 * The `steamer` command. Of a command that is named only its own module is loaded, since loading
 * all of them costs more than most commands do.
 * @param name what the command line begins with
 */
export async function programOf(name: string | undefined): Promise<Command> {
  const program = new Command("steamer")
    .description(
      "Customers who liked this also liked: recommendations, recomputed every night and served all day.",
    )
    .version(packageVersion());
  const named = MODULES.filter(([names]) => names.split(" ").includes(name ?? ""));
  for (const [, load] of named.length > 0 ? named : MODULES) (await load())(program);
  return program;
}
