/**
 * The lint rule `steamer/layout`: paths of objects and files are spelled out in contracts/layout.ts
 * and nowhere else. It looks at texts, templates and regular expressions, and knows a path by the
 * words that it is made of.
 */

/** Stands for a value in a template, and for what a regular expression leaves open. */
const HOLE = "§";
const FOLDERS = "runs|models|interactions|items|neighbours|catalogue|attribution|jobs|tmp";
const DOCUMENTS = "current|blocked|keys|settings|manifest|metrics|problem|load-template";

const PATHS = [
  // Behind a slash alone lies a route of the recommender.
  /(^|§\/?|[^§/]\/)shops\//,
  /(^|[§/])(day|export|similarity|load)=(§|[^/]*\/)/,
  new RegExp(`^((gs://)?§/?)?(${FOLDERS})/`),
  new RegExp(`(^|[§/])(${DOCUMENTS})\\.json$`),
  /(^|[§/])(snapshot\.arrow|token\.key|steamer_spark\.zip|packages\.tar\.gz|\.tmp-)/,
  /(^|[§/])(rejects\.(§|$)|part-\S*\.parquet|\*\.parquet$)/,
  /^§\.ndjson$/,
];

/** Names that make a path when they are joined to others. */
const JOINED = ["shops", "runs", "models", "neighbours", "attribution", "jobs", "demo-events", ".parquet"];
const JOINS = ["join", "resolve", "startsWith", "endsWith"];

const message = "This is a path: contracts/layout.ts makes them, and tells what a path is.";

function hasPath(text) {
  // A text for people may name a place: `shops/<shop>/`.
  const words = text.split(/[\s"'`(),|]+/).filter((word) => !word.includes("<"));
  return words.some((word) => PATHS.some((path) => path.test(word)));
}

const textOf = ({ quasis }) => quasis.map(({ value }) => value.cooked ?? value.raw).join(HOLE);

/** A regular expression as the text that it matches. */
const matchedBy = ({ pattern }) =>
  pattern
    .replace(/\(?(\[\^\/\]|\\w|\\d|\.)[+*]\)?/g, HOLE)
    .replace(/\\(.)/g, "$1")
    .replace(/^\^|\$$/g, "");

const isImport = ({ type }) => /^(Import|Export)/.test(type);
const isJoin = ({ type, callee }) =>
  type === "CallExpression" && JOINS.includes((callee.property ?? callee).name);

function isPath({ value, regex, parent }) {
  if (regex) return hasPath(matchedBy(regex));
  if (typeof value !== "string" || isImport(parent)) return false;
  return hasPath(value) || (isJoin(parent) && JOINED.includes(value));
}

const layout = {
  create: (context) => ({
    Literal(node) {
      if (isPath(node)) context.report({ node, message });
    },
    TemplateLiteral(node) {
      if (hasPath(textOf(node))) context.report({ node, message });
    },
  }),
};

export default { meta: { name: "steamer" }, rules: { layout } };
