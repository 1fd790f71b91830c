import {
  nodeSteps,
  type GraphIr,
  type GraphNode,
  type GraphRetry,
  type OptionalPhases,
  type RetryCause,
  type When,
} from "@loom/core";
import type { Random } from "../random.ts";

/** A workflow, and the optional phases of its jobs. */
export interface RandomGraph {
  readonly graph: GraphIr;
  readonly optionalPhases: ReadonlyMap<string, OptionalPhases>;
}

const WHENS: readonly When[] = ["on_success", "on_success", "on_success", "on_failure", "always"];
const CAUSES: readonly RetryCause[] = ["failure", "timeout", "provider", "worker"];

/**
 * Draws a workflow: up to eight jobs in up to four stages, some of them empty.
 *
 * Needs point to the same or an earlier stage and form no cycle; declaration order is independent of them.
 */
export function randomGraph(random: Random): RandomGraph {
  const stages = Array.from({ length: random.between(1, 4) }, (_, index) => `s${index}`);
  const count = random.chance(0.02) ? 0 : random.between(1, random.chance(0.2) ? 8 : 5);
  const stageOf = Array.from({ length: count }, () => random.below(stages.length));
  const gates = random.fork("gates");
  const hasUngated = gates.chance(0.25);
  const isUngated = (): boolean => hasUngated && gates.chance(0.4);
  const nodes = stageOf.map((stage, index): GraphNode => {
    const possible = stageOf.flatMap((other, at) => (at < index && other <= stage ? [`j${at}`] : []));
    const needs = random.shuffle(possible).slice(0, random.chance(0.5) ? random.below(3) : 0);
    const when = random.pick(WHENS);
    const steps = {
      script: Array.from(
        { length: random.between(1, random.chance(0.3) ? 3 : 2) },
        (_, at) => `step ${at + 1}`,
      ),
      ...extraScripts(random),
    };
    return {
      id: `j${index}`,
      stage: stages[stage] ?? "s0",
      target: "linux",
      ...steps,
      ...stepOptions(random, nodeSteps(steps).length),
      ...(needs.length > 0 && { needs }),
      ...(isUngated() && { gate: "needs" as const }),
      ...(random.chance(0.2) && {
        allow_failure: random.chance(0.6) ? true : { exit_codes: random.chance(0.5) ? [1] : [1, 2, 3] },
      }),
      ...(when !== "on_success" && { when }),
      ...(random.chance(0.2) && { timeout_ms: random.between(1, 400) }),
      ...(random.chance(0.3) && { retry: randomRetry(random) }),
    };
  });
  const declared = random.shuffle(nodes);
  const edges = declared.flatMap((node) =>
    (node.needs ?? []).map((from) => ({ from, to: node.id, kind: "needs" as const })),
  );
  return {
    graph: { schema: "loom.graph-ir.v1", stages, nodes: declared, edges },
    optionalPhases: new Map(nodes.map((node) => [node.id, randomPhases(random)])),
  };
}

/** What runs before and after the steps of `script`. */
function extraScripts(random: Random): Pick<GraphNode, "before_script" | "after_script"> {
  if (random.chance(0.75)) return {};
  return {
    ...(random.chance(0.4) && { before_script: ["before"] }),
    ...(random.chance(0.8) && { after_script: random.chance(0.3) ? ["after 1", "after 2"] : ["after"] }),
  };
}

/** What single steps say beside their commands. */
function stepOptions(random: Random, count: number): Pick<GraphNode, "step_options"> {
  if (random.chance(0.75)) return {};
  const numbers = Array.from({ length: count }, (_, index) => index + 1).filter(() => random.chance(0.6));
  return {
    step_options: numbers.map((step) => ({
      step,
      ...(random.chance(0.3) && { if: "$NEVER", withheld: true as const }),
      ...(random.chance(0.4) && {
        allow_failure: random.chance(0.6) ? true : { exit_codes: [1, 3] },
      }),
      ...(random.chance(0.5) && { timeout_ms: random.between(1, 300) }),
    })),
  };
}

function randomRetry(random: Random): GraphRetry {
  return {
    max: random.below(3),
    on: CAUSES.filter(() => random.chance(0.7)),
    ...(random.chance(0.2) && { exit_codes: [1, 3] }),
  };
}

function randomPhases(random: Random): OptionalPhases {
  if (random.chance(0.7)) return {};
  const whens: readonly When[] = ["on_success", "on_failure", "always"];
  return {
    restoresCache: random.chance(0.5),
    restoresArtifacts: random.chance(0.3),
    ...(random.chance(0.4) && { savesArtifacts: random.pick(whens) }),
    ...(random.chance(0.4) && { savesCache: random.pick(whens) }),
  };
}
