import { writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import { isAlive } from "../../adapters/process-owner.ts";
import { openPlaces } from "../../adapters/privacy/open-places.ts";
import { bucketOf, openObjects } from "../../adapters/storage/choose.ts";
import { MAX_ID_BYTES } from "../../contracts/interactions.ts";
import { Problem } from "../../contracts/problem.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import { eraseUser } from "../../night/privacy/erase-user.ts";
import { exportUser, rowsIn, type UserExport } from "../../night/privacy/export-user.ts";
import type { Place } from "../../night/privacy/place.ts";
import type { Objects } from "../../night/state/objects.ts";
import { ERASED_KNOWN_MS } from "../../serving/erased-users.ts";
import { settingsOf, withSettings } from "../options.ts";
import { showProgress } from "../progress.ts";
import { count, table } from "../table.ts";
import { print } from "../print.ts";

export function addUser(program: Command): void {
  const command = program.command("user").description("what is kept of a person: hand it over, or erase it");

  const exporting = command.command("export").argument("<user>", "the user's id, byte by byte");
  exporting
    .description("write all that is kept of a user as one JSON document")
    .option("--out <file>", "a new file, for you alone to read (default: the output)");
  withSettings(exporting, "shop").action((user: string, options) =>
    withPlaces(user, options, async (opened) => {
      const found = await findAll(opened, user);
      if (rowsIn(found).every(([, rows]) => rows === 0)) throw nothingKept(user, opened.settings.shop);
      await hand(found, options.out);
    }),
  );

  const erasing = command.command("erase").argument("<user>", "the user's id, byte by byte");
  erasing
    .description("remove all copies of what a user did, and leave their earlier events out from now on")
    .option("--yes", "do it; without this, what would be removed is shown");
  withSettings(erasing, "shop").action((user: string, options) =>
    withPlaces(user, options, (opened) => (options.yes ? erase(opened, user) : preview(opened, user))),
  );
}

interface Opened {
  settings: Settings;
  objects: Objects;
  places: Place[];
}

async function withPlaces(
  user: string,
  options: Record<string, unknown>,
  work: (opened: Opened) => Promise<void>,
): Promise<void> {
  checkUser(user);
  const settings = settingsOf(options);
  const objects = await openObjects(settings);
  const { places, close } = await openPlaces(settings, objects);
  try {
    await work({ settings, objects, places });
  } finally {
    await close();
  }
}

function findAll({ settings: { shop }, places }: Opened, user: string): Promise<UserExport> {
  const { update } = showProgress(process.stderr);
  return exportUser(places, { shop, user, now: new Date() }, update);
}

/** An export is a person's data: nobody else on the machine may read it. */
async function hand(found: UserExport, out: string | undefined): Promise<void> {
  const text = JSON.stringify(found, null, 2) + "\n";
  if (out === undefined) return void process.stdout.write(text);
  await writeFile(out, text, { mode: 0o600, flag: "wx" });
  const rows = rowsIn(found).reduce((sum, [, rows]) => sum + rows, 0);
  print(`${count(rows)} rows are in ${out}. Not in it:\n${listed(found.notHere)}`);
}

async function preview(opened: Opened, user: string): Promise<void> {
  const found = await findAll(opened, user);
  const { shop } = opened.settings;
  print(placesTable("rows", rowsIn(found)));
  print(`Nothing is removed yet. To erase: steamer user erase ${JSON.stringify(user)} --shop ${shop} --yes`);
}

async function erase({ settings, objects, places }: Opened, user: string): Promise<void> {
  const { shop, data } = settings;
  const removed = await eraseUser(places, user, {
    objects,
    shop,
    now: () => new Date(),
    isAlive: bucketOf(data) === undefined ? isAlive : () => true,
    // With a moment for the calls that are at work.
    servicesFollow: () => sleep(ERASED_KNOWN_MS + 1_000),
    progress: showProgress(process.stderr).update,
  });
  const rows = Object.entries(removed);
  print(placesTable("rows removed", rows));
  if (rows.every(([, removed]) => removed === 0)) print("Nothing was kept of such a user.");
  print(
    `${shop} has no copy left of what the user did until now, and leaves it out of later nights. What they do from now on counts.`,
  );
  print("Still to do: remove the user from the shop's own sources (event files, Google Analytics).");
}

const placesTable = (heading: string, rows: [place: string, rows: number][]) =>
  table(
    ["place", heading],
    rows.map(([place, number]) => [place, count(number)]),
  );

const listed = (lines: readonly string[]) => lines.map((line) => `- ${line}`).join("\n");

function checkUser(user: string): void {
  const bytes = Buffer.byteLength(user);
  if (bytes >= 1 && bytes <= MAX_ID_BYTES) return;
  const why = `the id has ${bytes} bytes; ids have 1 to ${MAX_ID_BYTES}`;
  throw new Problem({ doing: "Looking for a user", why, next: "give the id as the events have it" });
}

function nothingKept(user: string, shop: string): Problem {
  const next =
    "compare the id with the events: user_id if it is there, else user_pseudo_id (the setting `identity`); blanks and capitals count";
  return new Problem({
    doing: `Exporting the user ${JSON.stringify(user)} of ${shop}`,
    why: "nothing is kept of such a user",
    next,
  });
}
