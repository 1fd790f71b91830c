import type { ReadInclude } from "../../include/read-include.ts";
import { readTree, type ValueBudget } from "../read-tree.ts";
import { at, entriesOf, itemsOf, textOf, type ForeignTree, type TreeEntry } from "../tree.ts";
import type { ImportNotes } from "../import-notes.ts";
import type { ActionContext } from "./known-value.ts";

/** A step, and the action of the repository that it is written in. */
export interface PlacedStep {
  readonly step: ForeignTree;
  /** Absent for a step of the workflow itself. */
  readonly action?: ActionContext | undefined;
}

/** Where the files of actions come from. */
export interface ActionFiles {
  /** Absent: no action is carried over. */
  readonly readInclude?: ReadInclude | undefined;
  readonly budget: ValueBudget;
  readonly notes: ImportNotes;
  /** Takes the path of each file that is read. */
  readonly onFile: (path: string) => void;
  /** Those that were read, by their folders; undefined for one that is not made of steps. */
  readonly actions: Map<string, CompositeAction | undefined>;
}

/** How deep actions may use each other. */
const MAX_DEPTH = 5;

/** How many steps of a job are looked at for an action: those that use each other multiply. */
const MAX_LOOKED_AT = 500;

/** What is carried over of a step that uses an action of the repository. */
const CARRIED = ["name", "id", "uses", "with", "if"];

/**
 * The steps of a job, with those of the repository's own actions in the place of the steps that use them. An action that is not
 * made of steps, or cannot be read, stays as it is.
 */
export function placedSteps(node: ForeignTree | undefined, files: ActionFiles): readonly PlacedStep[] {
  const placed: PlacedStep[] = [];
  let lookedAt = 0;
  place(itemsOf(node), undefined, 0);
  return placed;

  function place(steps: readonly ForeignTree[], action: ActionContext | undefined, depth: number): void {
    for (const step of steps) {
      lookedAt += 1;
      const inner = depth < MAX_DEPTH && lookedAt <= MAX_LOOKED_AT ? compositeOf(step, files) : undefined;
      if (inner === undefined) {
        placed.push({ step, action });
        continue;
      }
      for (const [key] of entriesOf(step))
        if (!CARRIED.includes(key))
          files.notes.add(step, `steps: ${key} was not carried over: an action is several steps`);
      const given = entriesOf(at(step, "with")).map(
        ([key, entry]) => [key, textOf(entry.node) ?? ""] as const,
      );
      const inputs = new Map([...inner.defaults, ...given]);
      const condition = textOf(at(step, "if"));
      const those =
        condition === undefined ? inner.steps : inner.steps.map((each) => onlyIf(each, condition));
      place(those, { folder: inner.folder, inputs, outer: action }, depth + 1);
    }
  }
}

/** An action that is made of steps. */
interface CompositeAction {
  readonly folder: string;
  readonly steps: readonly ForeignTree[];
  readonly defaults: readonly (readonly [name: string, text: string])[];
}

/** The action that a step uses, if it is one of the repository and made of steps. */
function compositeOf(step: ForeignTree, files: ActionFiles): CompositeAction | undefined {
  const [, folder] = /^\.\/(.+?)\/*$/.exec(textOf(at(step, "uses")) ?? "") ?? [];
  if (folder === undefined || folder.split("/").includes("..")) return undefined;
  const { actions } = files;
  if (!actions.has(folder)) actions.set(folder, readAction(folder, files));
  return actions.get(folder);
}

function readAction(
  folder: string,
  { readInclude, budget, onFile }: ActionFiles,
): CompositeAction | undefined {
  for (const name of ["action.yml", "action.yaml"]) {
    const path = `${folder}/${name}`;
    const text = readInclude?.(path);
    if (text?.ok !== true) continue;
    onFile(path);
    const read = readTree({ path, text: text.value }, budget);
    const runs = read.ok ? at(read.value, "runs") : undefined;
    if (!read.ok || textOf(at(runs, "using")) !== "composite") return undefined;
    const defaults = entriesOf(at(read.value, "inputs")).map(
      ([input, entry]) => [input, textOf(at(entry.node, "default")) ?? ""] as const,
    );
    return { folder, steps: itemsOf(at(runs, "steps")), defaults };
  }
  return undefined;
}

/** A step that runs only under a condition more. */
function onlyIf(step: ForeignTree, condition: string): ForeignTree {
  if (step.kind !== "map") return step;
  const own = textOf(at(step, "if"));
  const text = own === undefined ? condition : `(${bare(condition)}) && (${bare(own)})`;
  const { file, line } = step;
  const entry: TreeEntry = { file, line, node: { kind: "scalar", file, line, value: text, text } };
  return { ...step, entries: new Map([...step.entries, ["if", entry]]) };
}

/** A condition without the braces around it. */
function bare(condition: string): string {
  return /^\s*\$\{\{([^]*)\}\}\s*$/.exec(condition)?.[1]?.trim() ?? condition;
}
