import type { Command } from "commander";
import { openObjects } from "../../adapters/storage/choose.ts";
import { MAX_ID_BYTES } from "../../contracts/interactions.ts";
import type { BlockList } from "../../contracts/manifest.ts";
import { Problem } from "../../contracts/problem.ts";
import { putBack, readBlockList, takeDown } from "../../night/state/block-list.ts";
import { requireKnown } from "../known-items.ts";
import { settingsOf, withSettings } from "../options.ts";
import { table } from "../table.ts";
import { print } from "../print.ts";

export function addTakedown(program: Command): void {
  const command = program
    .command("takedown")
    .description("stop recommending items, whatever the model says; recommenders follow within seconds")
    .argument("[item...]", "ids of items")
    .option("--reason <text>", "why; kept in the block list")
    .option("--unknown", "take down ids that the model does not have, too")
    .option("--undo", "recommend these items again")
    .option("--list", "list what is taken down");
  withSettings(command, "shop").action(async (items: string[], options) => {
    const settings = settingsOf(options);
    const { shop } = settings;
    const objects = await openObjects(settings);
    if (options.list) return print(listed(await readBlockList(objects, shop), shop));
    checkItems(items);
    if (options.undo) {
      checkListed(items, await readBlockList(objects, shop), shop);
      await putBack(objects, { shop, items });
      return print(`${shop} recommends again: ${items.join(", ")}`);
    }
    if (!options.reason) throw noReason();
    if (!options.unknown) await requireKnown(objects, shop, items);
    await takeDown(objects, { shop, items, reason: options.reason, now: new Date() });
    print(
      `${shop} no longer recommends: ${items.join(", ")}. To undo: steamer takedown --undo <item...> --shop ${shop}`,
    );
  });
}

function listed({ items }: BlockList, shop: string): string {
  const rows = Object.entries(items).map(([item, { since, reason }]) => [
    item,
    since.slice(0, 19).replace("T", " "),
    reason,
  ]);
  return rows.length > 0 ? table(["item", "since (UTC)", "reason"], rows) : `${shop} has nothing taken down.`;
}

function checkItems(items: string[]): void {
  const wrong = items.find((item) => item === "" || Buffer.byteLength(item) > MAX_ID_BYTES);
  if (items.length > 0 && wrong === undefined) return;
  const why = wrong === undefined ? "no item is named" : `ids have 1 to ${MAX_ID_BYTES} bytes`;
  throw new Problem({ doing: "Taking items down", why, next: "name them: steamer takedown <item...>" });
}

/** A mistyped id must not pass in silence when it is put back. */
function checkListed(items: string[], list: BlockList, shop: string): void {
  const other = items.find((item) => !Object.hasOwn(list.items, item));
  if (other === undefined) return;
  const next = `steamer takedown --list --shop ${shop} shows what is`;
  throw new Problem({ doing: "Putting items back", why: `${other} is not taken down`, next });
}

function noReason(): Problem {
  const next = "add --reason '<why>': whoever looks at the list later will want to know";
  return new Problem({ doing: "Taking items down", why: "no reason is given", next });
}
