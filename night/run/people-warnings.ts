import type { PeopleMetrics } from "../../contracts/metrics.ts";
import { Problem } from "../../contracts/problem.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import { shellWord } from "../../contracts/shell-word.ts";

/** Fewer events than this, and any share is chance. */
const FEWEST_EVENTS = 100;
/** A person may do so many times as much as the others do on average. */
const TIMES_THE_OTHERS = 10;
/** The share of all events from which one user is worth a warning. */
const NOTICED_SHARE = 0.05;

/**
 * What a person should know of the users that a night found.
 * @throws Problem when one user holds more of the events than `userShareLimit`: many strangers
 * under one id would spoil the model, and no gate would see it.
 */
export function peopleWarnings(
  people: PeopleMetrics | undefined,
  settings: Pick<Settings, "userShareLimit" | "robotItems">,
): string[] {
  if (!people) return [];
  return [...crowdWarnings(people, settings), ...sharedWarnings(people), ...robotWarnings(people, settings)];
}

function crowdWarnings(
  { users, events, largest, robotEvents }: PeopleMetrics,
  { userShareLimit }: Pick<Settings, "userShareLimit">,
): string[] {
  if (!largest || largest.events < FEWEST_EVENTS || users < 2) return [];
  // A robot is left out anyway. In a small shop one may do most.
  if (robotEvents >= largest.events) return [];
  const share = largest.events / events;
  const others = (events - largest.events) / (users - 1);
  if (share < NOTICED_SHARE || largest.events < TIMES_THE_OTHERS * others) return [];
  const name = JSON.stringify(largest.user);
  const what = `the user ${name} has ${percent(share)} of all events: no person does so much`;
  const remedy = `if it stands for nobody: --missing-ids ${shellWord(`${largest.user}=user`)}`;
  if (share <= userShareLimit) return [`${what}; ${remedy}`];
  throw new Problem({
    doing: "Looking at who the users are",
    why: `${what}, and ${percent(userShareLimit)} is allowed`,
    next: `${remedy}; if it is right so, raise --user-share-limit`,
  });
}

/** A till, or a tag that sends one id for all: its events without a user are nobody's. */
function sharedWarnings({ events, shared }: PeopleMetrics): string[] {
  if (!shared || shared.events < FEWEST_EVENTS || shared.events < NOTICED_SHARE * events) return [];
  const share = percent(shared.events / events);
  return [
    `the device ${JSON.stringify(shared.device)} was seen with ${shared.users.toLocaleString("en")} users, and has ${share} of all events: is it a till, or does a tag send one id for all?`,
  ];
}

function robotWarnings(
  { users, robots, robotEvents }: PeopleMetrics,
  { robotItems }: Pick<Settings, "robotItems">,
): string[] {
  if (robots === 0) return [];
  const count = (number: number) => number.toLocaleString("en");
  if (2 * robots > users)
    return [
      `${count(robots)} of ${count(users)} users look at items as robots do, so they are none: nobody was left out. Are views sent for whole lists of items?`,
    ];
  return [
    `${count(robots)} robots were left out, with ${count(robotEvents)} events: they looked at more than ${robotItems} items a day, or faster than people do, and bought nothing (--robot-items)`,
  ];
}

const percent = (share: number) => `${(100 * share).toLocaleString("en", { maximumFractionDigits: 1 })} %`;
