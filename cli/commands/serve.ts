import type { Command } from "commander";
import type { Person } from "../../contracts/http/pages.ts";
import { shopPath } from "../../contracts/http/shop-path.ts";
import { openObjects } from "../../adapters/storage/choose.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import type { Server } from "../../recommender/server.ts";
import type { Shop } from "../../recommender/shop.ts";
import { settingsOf, withSettings } from "../options.ts";
import { print } from "../print.ts";

export function addServe(program: Command): void {
  const command = program.command("serve").description("start the recommender: GET /make_recommendation");
  withSettings(command, "server", "query", "personal", "reviews", "shop").action(async (options) => {
    const settings = settingsOf(options, { page: true });
    const server = await startServer(settings);
    const states = [...server.shops].map((shop) => stateOf(server, shop));
    print(states.join("\n") || `The recommender listens on ${server.url}, but there is no shop yet.`);
    const pages = pagesOf(server);
    if (pages !== "") print(pages);
  });
}

function stateOf(server: Server, { model, settings: { shop } }: Shop): string {
  const [url, current] = [urlOf(server, shop), model.get()];
  if (current) return `The recommender of ${shop} answers on ${url} from model ${current.name}.`;
  return (
    `The recommender listens on ${url}, but ${shop} has no model yet. Run a night: ` +
    `steamer nightly --shop ${shop} --events <files>. It is served as soon as it is published.`
  );
}

/** Where a shop's routes stand. */
export const urlOf = ({ url, shops }: Server, shop: string) => (shops.only ? url : url + shopPath(shop));

/** The addresses of pages for a browser; empty when there are none. */
export function pagesOf({ url, opsUrl, hasPages, shops }: Server): string {
  if (hasPages && !shops.only) return `Open ${url} in a browser: the shops, with their nights and models.`;
  if (hasPages) return `Open ${url} in a browser: the shop; ${url}/operator: nights and models.`;
  if (opsUrl === null) return "";
  return shops.only ? `The operator's page is ${opsUrl}/operator.` : `The operators' pages are at ${opsUrl}.`;
}

/** Starts the recommender. SIGINT and SIGTERM finish the current requests, then end the process. */
export async function startServer(settings: Settings, people: readonly Person[] = []): Promise<Server> {
  const { closeOnSignals, serve } = await import("../../recommender/server.ts");
  const { pino } = await import("pino");
  const server = await serve({
    settings,
    objects: await openObjects(settings),
    log: pino({ level: "warn" }),
    people,
  });
  closeOnSignals(server);
  return server;
}
