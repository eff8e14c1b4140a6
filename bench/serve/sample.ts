import { readFileSync } from "node:fs";

/** A recorded answer of ours, which the hello-world servers repeat. */
export interface Sample {
  headers: Record<string, string>;
  body: unknown;
}

/** The headers that every server on Node sets by itself. */
const OWN = ["connection", "content-length", "date", "keep-alive"];

export async function takeSample(url: string): Promise<Sample> {
  const answer = await fetch(url);
  const headers = [...answer.headers].filter(([name]) => !OWN.includes(name));
  return { headers: Object.fromEntries(headers), body: await answer.json() };
}

export const readSample = (path: string) => JSON.parse(readFileSync(path, "utf8")) as Sample;
