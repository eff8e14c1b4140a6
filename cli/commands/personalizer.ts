import type { Command } from "commander";
import { openObjects } from "../../adapters/storage/choose.ts";
import type { Personalizer } from "../../personalizer/server.ts";
import type { Started } from "../services/start.ts";
import { settingsOf, withSettings, withSome } from "../options.ts";
import { print } from "../print.ts";

export function addPersonalizer(program: Command): void {
  const command = program
    .command("personalizer")
    .description("start the Personalizer: a gRPC service of recommendations for known users");
  withSettings(command, "personalizer", "query", "shop");
  withSome(command, "Personalizer", "shops", "als.blend").action(async (options) => {
    const { closeOnSignals } = await import("../../serving/grpc/signals.ts");
    const { servePersonalizer } = await import("../../personalizer/server.ts");
    const { pino } = await import("pino");
    const settings = settingsOf(options);
    const objects = await openObjects(settings);
    const server = await servePersonalizer({ settings, objects, log: pino({ level: "warn" }) });
    closeOnSignals(server);
    process.send?.({ address: server.address } satisfies Started);
    print(
      server.shops
        .all()
        .map((shop) => stateOf(server, shop))
        .join("\n"),
    );
    if (server.opsUrl) print(`Its metrics are at ${server.opsUrl}/metrics.`);
  });
}

function stateOf({ address }: Personalizer, shop: ReturnType<Personalizer["shops"]["of"]>): string {
  if (shop.hasModel())
    return `The Personalizer of ${shop.name} answers at ${address} from model ${shop.model().name}.`;
  return (
    `The Personalizer listens at ${address}, but ${shop.name} has no model with factors yet. Run a night: ` +
    `steamer nightly --shop ${shop.name} --events <files>. It is served as soon as it is published.`
  );
}
