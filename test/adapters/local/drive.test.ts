import { hostname } from "node:os";
import { expect, it } from "vitest";
import { runNight } from "../../../adapters/local/drive.ts";
import { PROCESS_OWNER } from "../../../adapters/process-owner.ts";
import { fileObjects } from "../../../adapters/storage/files.ts";
import { paths } from "../../../contracts/layout.ts";
import { finishedManifest } from "../../finished-manifest.ts";
import { settingsWith } from "../../night/shop.ts";
import { temporaryFolder } from "../../temporary.ts";

it("A night goes on where a container before has left a lease of the same host and process", async () => {
  const data = temporaryFolder();
  const manifest = finishedManifest("toys", "2026-11-20.1", {} as never);
  const lease = {
    owner: `${hostname()}:${process.pid}.1`,
    expiresAt: new Date(Date.now() + 60_000).toISOString(),
  };
  const running = { ...manifest, state: "running", lease };
  await fileObjects(data).put(paths.manifest("toys", running.run), JSON.stringify(running));
  const settings = settingsWith({ data, events: [`${data}/none.csv`] });
  await expect(runNight(settings, undefined)).rejects.toThrow("none.csv");
});

it("A night that is refused beside another one has not looked at its events first", async () => {
  const data = temporaryFolder();
  const manifest = finishedManifest("toys", "2026-11-20.1", {} as never);
  const lease = {
    owner: PROCESS_OWNER,
    expiresAt: new Date(Date.now() + 60_000).toISOString(),
  };
  const running = { ...manifest, startedAt: lease.expiresAt, state: "running", lease };
  await fileObjects(data).put(paths.manifest("toys", running.run), JSON.stringify(running));
  const settings = settingsWith({ data, events: [`${data}/none.csv`] });
  await expect(runNight(settings, undefined)).rejects.toThrow("a night is running already");
});
