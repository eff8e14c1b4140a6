import { createHash, randomBytes } from "node:crypto";
import type { Command } from "commander";
import { openObjects } from "../../adapters/storage/choose.ts";
import { Problem } from "../../contracts/problem.ts";
import { changeKeys, readKeys } from "../../night/state/key-list.ts";
import { settingsOf, withSettings } from "../options.ts";
import { table } from "../table.ts";
import { print } from "../print.ts";

export function addKeys(program: Command): void {
  const command = program
    .command("keys")
    .description("who may ask a recommender with access keys; recommenders follow within seconds");

  const add = command.command("add").argument("<name>", "who it is for: letters, digits, -");
  add.description("make a key and show it, once: only its hash is kept");
  withSettings(add, "shop").action(async (name: string, options) => {
    const settings = settingsOf(options);
    checkName(name);
    const key = `steamer_${randomBytes(24).toString("base64url")}`;
    const sha256 = createHash("sha256").update(key).digest("hex");
    await changeKeys(await openObjects(settings), settings.shop, (keys) => {
      if (Object.hasOwn(keys, name)) throw taken(name);
      return { ...keys, [name]: { sha256, since: new Date().toISOString() } };
    });
    print(`The key of ${name}, to be sent in the header x-api-key. It is not shown again:\n${key}`);
  });

  const list = command.command("list").description("list who has a key");
  withSettings(list, "shop").action(async (options) => {
    const settings = settingsOf(options);
    const { keys } = await readKeys(await openObjects(settings), settings.shop);
    const rows = Object.entries(keys).map(([name, { since }]) => [
      name,
      since.slice(0, 19).replace("T", " "),
    ]);
    print(rows.length > 0 ? table(["name", "since (UTC)"], rows) : `${settings.shop} has no keys.`);
  });

  const revoke = command.command("revoke").argument("<name>", "whose key").description("take a key back");
  withSettings(revoke, "shop").action(async (name: string, options) => {
    const settings = settingsOf(options);
    await changeKeys(await openObjects(settings), settings.shop, (keys) => {
      if (!Object.hasOwn(keys, name)) throw unknown(name, settings.shop);
      return Object.fromEntries(Object.entries(keys).filter(([other]) => other !== name));
    });
    print(`The key of ${name} is no longer valid.`);
  });
}

function checkName(name: string): void {
  if (/^[a-z0-9][a-z0-9-]{0,62}$/.test(name)) return;
  const why = `${JSON.stringify(name)} is not a name of small letters, digits and -`;
  throw new Problem({ doing: "Making a key", why, next: "choose another name: steamer keys add <name>" });
}

function taken(name: string): Problem {
  const next = "choose another name, or revoke that one first: two keys at once let a caller change over";
  return new Problem({ doing: "Making a key", why: `${name} has one already`, next });
}

function unknown(name: string, shop: string): Problem {
  const next = `steamer keys list --shop ${shop} shows who has`;
  return new Problem({ doing: "Taking a key back", why: `${name} has none`, next });
}
