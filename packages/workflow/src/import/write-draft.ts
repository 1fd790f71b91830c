import { Document, Scalar, YAMLMap, YAMLSeq, type Node, type Pair } from "yaml";
import { DraftStep, isMapping, type Draft, type DraftKeys, type DraftValue } from "./draft.ts";

/** Lists that are written in one line while they are short. */
const SHORT_LIST = 90;

/** Writes a workflow as YAML. */
export function writeDraft(draft: Draft): string {
  const document = new Document();
  const root = new YAMLMap();
  document.contents = root as never;
  put(root, "version", "v1");
  put(root, "stages", draft.stages);
  if (draft.rules.length > 0) put(root, "workflow", { rules: draft.rules as unknown as DraftValue });
  if (Object.keys(draft.variables).length > 0) put(root, "variables", draft.variables);
  if (Object.keys(draft.defaults).length > 0) put(root, "default", ordered(draft.defaults));
  for (const [name, { keys, comments }] of draft.jobs) {
    const pair = put(root, name, ordered(keys));
    (pair.key as Scalar).spaceBefore = true;
    if (comments.length > 0) (pair.key as Scalar).commentBefore = asComment(comments);
  }
  const body = document.toString({ lineWidth: 0, blockQuote: "literal", flowCollectionPadding: false });
  const head = draft.head.map((line) => `#${asComment([line])}\n`).join("");
  const tail = draft.gaps.map((line) => `\n#${asComment([line])}\n`).join("");
  return `${head}\n${body}${tail}`;
}

function put(map: YAMLMap, key: string, value: DraftValue): Pair {
  const pair = { key: new Scalar(key), value: toNode(value) };
  map.add(pair as unknown as Pair);
  return map.items.at(-1) as Pair;
}

function toNode(value: DraftValue): Node {
  if (value instanceof DraftStep) {
    const { run, comments, keys } = value;
    const { name, if: condition, ...more } = keys ?? {};
    const node =
      keys === undefined
        ? new Scalar(run)
        : toNode({
            ...(name !== undefined && { name }),
            ...(condition !== undefined && { if: condition }),
            run,
            ...more,
          });
    if (comments.length > 0) node.commentBefore = asComment(comments);
    return node;
  }
  if (Array.isArray(value)) {
    const list = new YAMLSeq();
    for (const item of value as readonly DraftValue[]) list.items.push(toNode(item));
    const isPlain = list.items.every((item) => item instanceof Scalar && isWord(item));
    list.flow = list.items.length === 0 || (isPlain && JSON.stringify(value).length < SHORT_LIST);
    return list;
  }
  if (isMapping(value)) {
    const map = new YAMLMap();
    for (const [key, inner] of Object.entries(value)) put(map, key, inner);
    if (map.items.length === 0) map.flow = true;
    return map;
  }
  return new Scalar(value);
}

/** Whether a text can stand in a list of one line without being hard to read. Commands stand alone. */
function isWord({ value, commentBefore }: Scalar): boolean {
  return commentBefore === undefined && /^[\w./@:*$-]+$/.test(String(value));
}

/** What comes first in a job. */
const ORDER = [
  "title",
  "extends",
  "stage",
  "needs",
  "gate",
  "rules",
  "when",
  "matrix",
  "image",
  "services",
  "variables",
];
const LAST = ["before_script", "script", "after_script", "cache", "artifacts"];

function ordered(keys: DraftKeys): DraftKeys {
  const rank = (key: string): number => {
    const first = ORDER.indexOf(key);
    if (first !== -1) return first;
    const last = LAST.indexOf(key);
    return ORDER.length + (last === -1 ? 0 : last + 1);
  };
  return Object.fromEntries(Object.entries(keys).sort(([a], [b]) => rank(a) - rank(b)));
}

/** Lines of a comment, each with a blank in front and nothing that would end it. */
function asComment(lines: readonly string[]): string {
  return lines.map((line) => ` ${line.replaceAll(/[^\P{C}]+|\s+/gu, " ").slice(0, 300)}`).join("\n");
}
