import type { Command } from "commander";
import { openObjects } from "../../adapters/storage/choose.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import type { Server } from "../../recommender/server.ts";
import { settingsOf, withSettings } from "../options.ts";

export function addServe(program: Command): void {
  const command = program.command("serve").description("start the recommender: GET /make_recommendation");
  withSettings(command, "server", "query", "shop").action(async (options) => {
    const settings = settingsOf(options, { page: true });
    const server = await startServer(settings);
    const model = server.shop.model.get();
    console.log(
      model
        ? `The recommender of ${settings.shop} answers on ${server.url} from model ${model.name}.`
        : `The recommender listens on ${server.url}, but ${settings.shop} has no model yet. Run a night: ` +
            `steamer nightly --shop ${settings.shop} --events <files>. It is served as soon as it is published.`,
    );
    const pages = pagesOf(server);
    if (pages !== "") console.log(pages);
  });
}

/** The addresses of pages for a browser; empty when there are none. */
export function pagesOf({ url, opsUrl, hasPages }: Server): string {
  if (hasPages) return `Open ${url} in a browser: the shop; ${url}/operator: nights and models.`;
  return opsUrl === null ? "" : `The operator's page is ${opsUrl}/operator.`;
}

/** Starts the recommender. SIGINT and SIGTERM finish the current requests, then end the process. */
export async function startServer(settings: Settings): Promise<Server> {
  const { closeOnSignals, serve } = await import("../../recommender/server.ts");
  const { pino } = await import("pino");
  const server = await serve({
    settings,
    objects: await openObjects(settings),
    log: pino({ level: "warn" }),
  });
  closeOnSignals(server);
  return server;
}
