import type { GateGraph, GateJob } from "./run-facts.ts";
import { isObject } from "./is-object.ts";

/**
 * Takes from a Graph IR what the gates depend on.
 *
 * @returns `undefined` when the value is not a graph; a graph that cannot be
 *   read gates nothing.
 */
export function readGateGraph(value: unknown): GateGraph | undefined {
  if (!isObject(value)) return undefined;
  const { stages, nodes } = value;
  if (!isStrings(stages) || !Array.isArray(nodes)) return undefined;
  const jobs: GateJob[] = [];
  for (const node of nodes as readonly unknown[]) {
    if (!isObject(node)) return undefined;
    const { id, stage, needs, allow_failure: allowFailure, when } = node;
    const [before, script, after] = [node["before_script"], node["script"], node["after_script"]].map(
      (list) => (isStrings(list) ? list : []),
    ) as [readonly string[], readonly string[], readonly string[]];
    if (typeof id !== "string" || typeof stage !== "string") return undefined;
    jobs.push({
      id,
      stage,
      needs: isStrings(needs) ? needs : [],
      ...(node["gate"] === "needs" && { isUngated: true }),
      allowFailure: toleratedBy(allowFailure),
      when: typeof when === "string" ? when : "on_success",
      commands: [...before, ...script, ...after],
      deciding: before.length + script.length,
      ...stepRules(node["step_options"]),
    });
  }
  return { stages, jobs };
}

function stepRules(value: unknown): Pick<GateJob, "tolerated" | "withheld"> {
  const tolerated = new Map<number, GateJob["allowFailure"]>();
  const withheld = new Set<number>();
  for (const options of Array.isArray(value) ? (value as readonly unknown[]) : []) {
    if (!isObject(options) || typeof options["step"] !== "number") continue;
    const allowed = toleratedBy(options["allow_failure"]);
    if (allowed !== false) tolerated.set(options["step"], allowed);
    if (options["withheld"] === true) withheld.add(options["step"]);
  }
  return { ...(tolerated.size > 0 && { tolerated }), ...(withheld.size > 0 && { withheld }) };
}

function toleratedBy(value: unknown): GateJob["allowFailure"] {
  if (!isObject(value)) return value === true;
  const codes = value["exit_codes"];
  return Array.isArray(codes) ? codes.filter((code): code is number => typeof code === "number") : false;
}

function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
