import { describe, expect, it } from "vitest";
import type { PeopleMetrics } from "../../../contracts/metrics.ts";
import { defaultsOf } from "../../../contracts/settings/settings.ts";
import { peopleWarnings } from "../../../night/run/people-warnings.ts";

const defaults = defaultsOf(["userShareLimit", "robotItems"]);
const people = (change: Partial<PeopleMetrics>): PeopleMetrics => ({
  users: 1001,
  events: 10_000,
  devices: 0,
  robots: 0,
  robotEvents: 0,
  ...change,
});
const largest = (events: number) => people({ largest: { user: "walk-in", events } });

describe("a warning of a night", () => {
  it("names a user who does what no person does", () => {
    expect(peopleWarnings(largest(600), defaults)).toEqual([
      expect.stringMatching(/the user "walk-in" has 6 % of all events.*--missing-ids walk-in=user/),
    ]);
    expect(peopleWarnings(largest(400), defaults)).toEqual([]);
    expect(peopleWarnings({ ...largest(60), events: 100, users: 5 }, defaults)).toEqual([]);
    expect(peopleWarnings({ ...largest(900), users: 11 }, defaults)).toEqual([]);
  });

  it("becomes a failure above a setting", () => {
    expect(() => peopleWarnings(largest(5000), defaults)).toThrow(
      /"walk-in" has 50 % of all events.*20 % is allowed\n {2}Next: .*raise --user-share-limit/,
    );
    expect(peopleWarnings(largest(5000), { ...defaults, userShareLimit: 0.5 })).toHaveLength(1);
  });

  it("does not take a robot, which is left out, for a crowd: in a small shop it may do most", () => {
    const robots = { ...largest(5000), robots: 1, robotEvents: 5000 };
    expect(peopleWarnings(robots, defaults)).toEqual([expect.stringContaining("1 robots were left out")]);
  });

  it("names a device with many users", () => {
    const shared = { device: "till", users: 300, events: 4000 };
    expect(peopleWarnings(people({ shared }), defaults)).toEqual([
      expect.stringMatching(/the device "till" was seen with 300 users, and has 40 % of all events/),
    ]);
    expect(peopleWarnings(people({ shared: { ...shared, events: 50 } }), defaults)).toEqual([]);
  });

  it("counts robots, and says where most users look like some", () => {
    expect(peopleWarnings(people({ robots: 40, robotEvents: 4000 }), defaults)).toEqual([
      expect.stringMatching(/^40 robots were left out, with 4,000 events/),
    ]);
    expect(peopleWarnings(people({ robots: 900, robotEvents: 4000 }), defaults)).toEqual([
      expect.stringMatching(/^900 of 1,001 users look at items as robots do, so they are none/),
    ]);
    expect(peopleWarnings(undefined, defaults)).toEqual([]);
  });
});
