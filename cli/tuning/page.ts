import type { TunedTable, TuneResult } from "../../adapters/local/tune/tune.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import { knobsOf, TABLE_KNOBS, type TableKnob } from "../../contracts/settings/similarity.ts";
import type { Gain } from "../../core/evaluation/quality.ts";
import { importanceOf } from "../../core/tuning/importance.ts";
import { shown } from "../options.ts";
import { count, signed } from "../table.ts";
import { bars, escaped, history } from "./plots.ts";
import { sayVerdict } from "./text.ts";

/** What came of a search, as one page that needs nothing beside it. */
export function tuningPage(settings: Settings, { parts, tables }: TuneResult): string {
  const { validation, last } = parts;
  const asked = (part: typeof last) =>
    `${count(part.users)} orders of ${part.orders.first} to ${part.orders.last}, trained on ${part.training.first} to ${part.training.last}`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Tuning ${escaped(settings.shop)}</title>
<style>${STYLE}</style>
<h1>Tuning ${escaped(settings.shop)}</h1>
<p>Chosen by ${escaped(asked(validation))}.<br>
Compared on ${escaped(asked(last))}. The search never saw these orders.</p>
${tables.map((found) => section(settings, found)).join("\n")}
<footer>NDCG@10: 1 would be a list that has all that is bought next in front. Lines at bars: two standard errors.</footer>
</html>
`;
}

function section(settings: Settings, found: TunedTable): string {
  const { table, search, trials, before, after, gain } = found;
  const importance = Object.entries(importanceOf(search.space, trials)).toSorted(([, a], [, b]) => b - a);
  const bar = (name: string, { mean, standardError }: Gain) => {
    return { name, value: mean, standardError, text: `${mean.toFixed(4)} ± ${standardError.toFixed(4)}` };
  };
  const dots = trials.map(({ value, isFull, point }, k) => {
    const settings = Object.entries(point).map(([knob, at]) => `${knob} ${at}`);
    return { value, isSolid: isFull, text: `${k + 1}: ${value.toFixed(4)}; ${settings.join(", ")}` };
  });
  return `<section>
<h2>${escaped(table)}</h2>
<p class="${found.proposed ? "ahead" : "stays"}">${escaped(sayVerdict(found))}
Difference on the same orders: ${signed(gain.mean)} ± ${gain.standardError.toFixed(4)}.</p>
${bars("NDCG@10 on orders that the search never saw", [bar("present", before), bar("best found", after)])}
${history("Trials in validation: full dots are measured on all users, the line is the best so far", dots)}
${bars(
  "How much each knob decides",
  importance.map(([name, value]) => ({ name, value, text: `${Math.round(100 * value)} %` })),
)}
${comparison(settings, found)}
</section>`;
}

/** The settings of both, side by side. */
function comparison(settings: Settings, { search, best }: TunedTable): string {
  const rows = Object.entries(search.settingsOf(best.point)).map(([name, value]) => {
    const now = presentOf(settings, name);
    const isNew = shown(now) !== shown(value);
    const cells = [name, shown(now), shown(value)].map((text) => `<td>${escaped(text)}</td>`);
    return `<tr${isNew ? ' class="new"' : ""}>${cells.join("")}</tr>`;
  });
  return `<table><thead><tr><th>setting</th><th>present</th><th>best found</th></tr></thead><tbody>${rows.join("")}</tbody></table>`;
}

function presentOf(settings: Settings, name: string): unknown {
  const own = TABLE_KNOBS[name as TableKnob];
  return own ? knobsOf(settings, own.table)[own.knob] : settings[name as keyof Settings];
}

const STYLE = `
:root { color-scheme: light dark; --paper: light-dark(#f7f7f4, #16191a); --sheet: light-dark(#fff, #1f2426);
  --ink: light-dark(#1d2524, #e8ecea); --soft: light-dark(#59635f, #a5b0ac); --edge: light-dark(#dfe3df, #343c3e);
  --accent: light-dark(#1a6350, #7fd1b6); --second: light-dark(#a4561a, #eba66b); --good: light-dark(#e2f1e8, #1f3a2e);
  --warn: light-dark(#fbf2dd, #3a3120); font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; background: var(--paper); color: var(--ink); }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin: 0 0 .5rem; }
section { background: var(--sheet); border: 1px solid var(--edge); border-radius: 8px; padding: 1rem 1.25rem; margin: 1.5rem 0; }
.ahead, .stays { padding: .5rem .75rem; border-radius: 6px; background: var(--warn); } .ahead { background: var(--good); }
figure { margin: 1.25rem 0; } figcaption { font-weight: 600; margin-bottom: .25rem; }
svg { width: 100%; height: auto; } text { fill: var(--soft); font: 13px system-ui, sans-serif; }
rect { fill: var(--accent); } circle { fill: var(--accent); } circle.sample { fill: none; stroke: var(--accent); }
.error { stroke: var(--second); stroke-width: 3; } .grid { stroke: var(--edge); }
.best { fill: none; stroke: var(--second); stroke-width: 2; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .25rem .5rem; border-top: 1px solid var(--edge); }
tr.new td:last-child { font-weight: 600; color: var(--accent); }
footer { color: var(--soft); font-size: .9rem; }
`;
