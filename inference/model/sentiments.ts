/** Words that labels have, and what they stand for. */
const WORDS: Record<string, number> = {
  positive: 1,
  pos: 1,
  good: 1,
  joy: 1,
  happy: 1,
  love: 1,
  neutral: 0.5,
  mixed: 0.5,
  surprise: 0.5,
  negative: 0,
  neg: 0,
  bad: 0,
  sadness: 0,
  anger: 0,
  fear: 0,
  disgust: 0,
};
const VERY = /^(very|extremely|strongly)[ _-]/;

/**
 * What each label stands for, from 0 (negative) to 1.
 *
 * What is given counts. Else labels with a number each ("1 star", LABEL_0) are spread evenly by
 * their numbers, and known words have their places; where some are "very" so, the plain ones lie
 * halfway to the middle.
 * @throws Error with a reason for people when a label stands for nothing known
 */
export function sentimentsOf(labels: readonly string[], given: Record<string, string>): number[] {
  const strange = Object.keys(given).find((label) => !labels.includes(label));
  if (strange !== undefined)
    throw new Error(`inference.labels names ${strange}; the model's labels are ${labels.join(", ")}`);
  const known = Object.keys(given).length > 0 ? labels.map(() => undefined) : defaultsOf(labels);
  return labels.map((label, k) => {
    const value = Object.hasOwn(given, label) ? Number(given[label]) : known[k];
    if (value !== undefined) return value;
    throw new Error(
      `nothing says what the label ${label} stands for: set inference.labels, such as ${labels
        .map((each) => `${each}=0.5`)
        .join(",")}`,
    );
  });
}

function defaultsOf(labels: readonly string[]): (number | undefined)[] {
  return byNumbers(labels) ?? byWords(labels);
}

function byNumbers(labels: readonly string[]): number[] | null {
  const numbers = labels.map((label) => /^\D*(\d+)\D*$/.exec(label)?.[1]);
  if (numbers.includes(undefined)) return null;
  const values = numbers.map(Number);
  if (values.length === 1) return [1];
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return new Set(values).size < values.length
    ? null
    : values.map((value) => (value - least) / (most - least));
}

function byWords(labels: readonly string[]): (number | undefined)[] {
  const words = labels.map((label) => label.toLowerCase());
  const areGraded = words.some((word) => VERY.test(word));
  return words.map((word) => {
    const value = WORDS[word.replace(VERY, "")];
    if (value === undefined || !areGraded || VERY.test(word)) return value;
    return 0.25 + value / 2;
  });
}
