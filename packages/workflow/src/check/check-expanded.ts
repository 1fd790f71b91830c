import { nameSuggester } from "../schema/name-suggester.ts";
import { entryNode, isNull, type SourceMap, type SourceNode } from "../source/source-node.ts";
import { REFERENCE } from "../variables/layer-value.ts";
import { PREDEFINED_NAMES } from "../variables/predefined-names.ts";
import type { WorkflowProblem } from "../workflow-problem.ts";
import type { JobWithVariables } from "./check-variables.ts";
import { longSteps } from "./step-nodes.ts";
import { isText, warningAt, type TextNode } from "./text-warning.ts";

/**
 * Checks that images, services and paths of jobs name only variables that something sets: what nothing sets would be part of a
 * name or a path, dollar and all.
 */
export function checkExpanded(jobs: readonly JobWithVariables[], problems: WorkflowProblem[]): void {
  // Which variables a job gets from another one is not known before that has run.
  if (jobs.some(({ source }) => dotenvOf(source) !== undefined)) return;
  const reported = new Set<string>();
  for (const { source, variables } of jobs) {
    const texts = expandedTexts(source).filter(({ value }) => value.includes("$"));
    if (texts.length === 0) continue;
    const known = namesOf(source, variables);
    for (const node of texts) {
      for (const match of node.value.matchAll(REFERENCE)) {
        const name = match[1] ?? match[2];
        const place = `${node.file.path} ${node.start} ${match.index}`;
        if (name === undefined || known.has(name) || reported.has(place)) continue;
        reported.add(place);
        const near = nameSuggester(known)(name);
        const fix =
          near === undefined
            ? `set ${name} in variables, or write $$ for a dollar`
            : `write $${near} instead of $${name}, which nothing sets`;
        problems.push(warningAt(node, { start: match.index, length: match[0].length, message: fix }));
      }
    }
  }
}

function dotenvOf(source: SourceMap): SourceNode | undefined {
  return entryNode(entryNode(entryNode(source, "artifacts"), "reports"), "dotenv");
}

function namesOf(source: SourceMap, variables: SourceMap | undefined): ReadonlySet<string> {
  // Of the home folder another message tells.
  const names = new Set([...PREDEFINED_NAMES, "HOME"]);
  const add = (map: SourceNode | undefined): void => {
    if (map?.kind !== "map") return;
    for (const [name, { node }] of map.entries) if (!isNull(node)) names.add(name);
  };
  add(variables);
  const rules = entryNode(source, "rules");
  for (const rule of rules?.kind === "list" ? rules.items : []) add(entryNode(rule, "variables"));
  return names;
}

/** The texts of a job in which variables are expanded before it is set up. */
function expandedTexts(source: SourceMap): TextNode[] {
  const texts: TextNode[] = [];
  const add = (node: SourceNode | undefined): void => {
    if (node === undefined) return;
    if (isText(node)) texts.push(node);
    else if (node.kind === "list") for (const item of node.items) if (isText(item)) texts.push(item);
  };
  const image = entryNode(source, "image");
  add(image);
  add(entryNode(image, "name"));
  const services = entryNode(source, "services");
  for (const service of services?.kind === "list" ? services.items : []) {
    add(service);
    add(entryNode(service, "name"));
  }
  const artifacts = entryNode(source, "artifacts");
  add(entryNode(artifacts, "paths"));
  add(entryNode(artifacts, "exclude"));
  add(entryNode(entryNode(artifacts, "reports"), "junit"));
  const cache = entryNode(source, "cache");
  for (const each of cache?.kind === "list" ? cache.items : [cache]) add(entryNode(each, "paths"));
  for (const step of longSteps(source)) add(entryNode(step, "dir"));
  return texts;
}
