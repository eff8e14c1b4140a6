import type { BucketFiles } from "../storage/bucket-files.ts";
import type { Children } from "./child.ts";
import type { Clock } from "./clock.ts";
import type { Faults } from "./faults.ts";
import type { Identity } from "../tasks/identity.ts";

/** The shared parts of one cloud. */
export interface World {
  project: string;
  region: string;
  children: Children;
  faults: Faults;
  clock: Clock;
  identity: Identity;
  files: BucketFiles;
  /** The bucket's address for programs. */
  storageUrl: string;
}
