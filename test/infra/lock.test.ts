import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { DEPLOYABLES } from "../../infra/assemble.ts";
import { pruneLock, type Lock } from "../../infra/lock.ts";

const json = (path: string) => JSON.parse(readFileSync(path, "utf8"));
const whole = json("package-lock.json") as Lock;

describe.each(Object.keys(DEPLOYABLES))("the lock file of %s", (name) => {
  const pruned = pruneLock(whole, name, json(`${name}/package.json`));
  const places = Object.keys(pruned.packages).filter((place) => place !== "");

  it("has the project's versions and checksums", () => {
    expect(places.length).toBeGreaterThan(20);
    for (const place of places) {
      const { version, integrity } = whole.packages[`${name}/${place}`] ?? whole.packages[place];
      expect(pruned.packages[place]).toMatchObject({ version, integrity });
    }
  });

  it("has no development dependency of the project", () => {
    const { devDependencies } = json("package.json") as { devDependencies: Record<string, string> };
    const own = (json(`${name}/package.json`) as { dependencies: Record<string, string> }).dependencies;
    const foreign = Object.keys(devDependencies).filter((each) => !(each in own) && !NEEDED.includes(each));
    expect(places.filter((place) => foreign.includes(place.replace("node_modules/", "")))).toEqual([]);
  });
});

/** Our development dependencies that Google's clients and framework depend on too. */
const NEEDED = ["@grpc/grpc-js", "@grpc/proto-loader", "@types/express", "@types/node", "express"];

const lock = (packages: Lock["packages"]): Lock => ({ lockfileVersion: 3, packages });

it("a package below the workspace's own folder moves to the top", () => {
  const packages = {
    w: { dependencies: { a: "1" } },
    "w/node_modules/a": { version: "1", dependencies: { b: "1" } },
    "node_modules/a": { version: "2" },
    "node_modules/b": { version: "1", dev: true },
  };
  expect(pruneLock(lock(packages), "w", packages.w).packages).toEqual({
    "": packages.w,
    "node_modules/a": { version: "1", dependencies: { b: "1" } },
    "node_modules/b": { version: "1" },
  });
});

it("two versions that would meet in one folder are refused", () => {
  const packages = {
    w: { dependencies: { a: "1", b: "1" } },
    "w/node_modules/a": { version: "1" },
    "node_modules/a": { version: "2" },
    "node_modules/b": { version: "1", dependencies: { a: "2" } },
  };
  expect(() => pruneLock(lock(packages), "w", packages.w)).toThrow(/two versions of node_modules\/a/);
});

it("the image and Cloud Build run the Node that the project is tested with", () => {
  const { node } = (json("package.json") as { devDependencies: Record<string, string> }).devDependencies;
  for (const path of ["serving/Dockerfile", "cloudbuild.yaml"]) {
    const versions = [...readFileSync(path, "utf8").matchAll(/node:(\d[\d.]*)-/g)].map(
      ([, version]) => version,
    );
    expect(versions.length).toBeGreaterThan(0);
    expect(new Set(versions)).toEqual(new Set([node]));
  }
});
