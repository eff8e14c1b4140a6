/** The fields of a schedule in cron's form, as Cloud Scheduler takes it: names and bounds. */
const FIELDS = [
  { name: "minute", least: 0, most: 59 },
  { name: "hour", least: 0, most: 23 },
  { name: "day of the month", least: 1, most: 31 },
  { name: "month", least: 1, most: 12, words: "jan feb mar apr may jun jul aug sep oct nov dec" },
  { name: "day of the week", least: 0, most: 7, words: "sun mon tue wed thu fri sat" },
];
type Field = (typeof FIELDS)[number];

/** Why a schedule cannot be one; undefined: it can. */
export function faultOfSchedule(schedule: string): string | undefined {
  const parts = schedule.split(" ");
  const wrong = FIELDS.find((field, k) => !parts[k]?.split(",").every((part) => isPart(part, field)));
  return wrong && `its ${wrong.name} is ${parts[FIELDS.indexOf(wrong)]}`;
}

/** A part of a field: all, one value or a range of them, each so many (star/15, 8-20, 1-12/2). */
function isPart(part: string, field: Field): boolean {
  const [range, step, ...others] = part.split("/");
  if (others.length > 0 || (step !== undefined && !/^[1-9]\d?$/.test(step))) return false;
  if (range === "*") return true;
  const ends = range.split("-").map((text) => valueOf(text, field));
  return (
    ends.length <= 2 &&
    ends.every((value) => value >= field.least && value <= field.most) &&
    ends[0] <= ends.at(-1)!
  );
}

function valueOf(text: string, { least, words = "" }: Field): number {
  if (/^\d{1,2}$/.test(text)) return Number(text);
  const place = words.split(" ").indexOf(text.toLowerCase());
  return place < 0 ? NaN : least + place;
}
