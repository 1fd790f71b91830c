import { unreachable } from "@loom/core";
import type { SimulationRun } from "../simulated-run.ts";
import type { TrueRecord } from "../evidence/truth.ts";

/** A readable account of a run: its world, what happened moment by moment, and which rules it broke. */
export function tellStory(run: SimulationRun): string {
  const lines = [`Seed ${run.seed}`, "", ...tellWorld(run), "", ...tellEvents(run), "", tellEnding(run)];
  if (run.complaints.length === 0) return [...lines, "No rule was broken.", ""].join("\n");
  return [
    ...lines,
    "",
    "Rules that were broken:",
    ...run.complaints.map(({ rule, message }) => `  ${rule}: ${message}`),
    "",
  ].join("\n");
}

function tellWorld({ world }: SimulationRun): string[] {
  const { plan, graph } = world;
  const jobs = plan.jobs.map((job) => {
    const node = graph.nodes.find(({ id }) => id === job.jobId);
    const facts = [
      job.stage,
      `${job.stepCount} steps`,
      ...(job.needs.length > 0 ? [`needs ${job.needs.join(" ")}`] : []),
      ...(job.when === "on_success" ? [] : [job.when]),
      ...(job.allowFailure === false ? [] : [`allow_failure ${JSON.stringify(job.allowFailure)}`]),
      ...(job.retry.max > 0 ? [`retry ${job.retry.max} on ${job.retry.on.join(" ")}`] : []),
      ...(node?.timeout_ms === undefined ? [] : [`timeout ${node.timeout_ms} ms`]),
      ...(job.restoresCache ? ["cache_restore"] : []),
      ...(job.restoresArtifacts ? ["artifact_restore"] : []),
      ...(job.savesArtifacts === undefined ? [] : [`artifact_save ${job.savesArtifacts}`]),
      ...(job.savesCache === undefined ? [] : [`cache_save ${job.savesCache}`]),
      ...(plan.weights?.has(job.jobId) === true ? [`weight ${plan.weights.get(job.jobId)}`] : []),
      ...(plan.selected?.has(job.jobId) === false ? ["not selected"] : []),
    ];
    return `  ${job.jobId}: ${facts.join(", ")}`;
  });
  const { graph: _graph, plan: _plan, random: _random, seed: _seed, ...rest } = world;
  return [
    `Jobs in declaration order, ${plan.concurrency} at a time${plan.failFast ? ", fail-fast" : ""}:`,
    ...jobs,
    "World:",
    ...Object.entries(rest).map(([name, value]) => `  ${name}: ${JSON.stringify(value)}`),
  ];
}

function tellEvents(run: SimulationRun): string[] {
  const told = [
    ...run.records.map((record, index) => ({ atMs: record.atMs, order: index, text: tellRecord(record) })),
    ...run.outside.map(({ atMs, what }) => ({ atMs, order: -1, text: `            ! ${what}` })),
    ...run.disk.incidents.map(({ atMs, call, what }) => ({
      atMs,
      order: -1,
      text: `            ! disk call ${call}: ${what}`,
    })),
  ];
  told.sort((a, b) => a.atMs - b.atMs || a.order - b.order);
  return [
    "Time in ms, number, stream, record:",
    ...told.map(({ atMs, text }) => `${String(atMs).padStart(7)} ${text}`),
  ];
}

function tellRecord({ stream, record }: TrueRecord): string {
  const place = [
    stream.kind,
    "jobId" in stream ? stream.jobId : "",
    "step" in stream ? String(stream.step) : "",
    "section" in stream ? stream.section : "",
  ]
    .filter((part) => part !== "")
    .join(" ");
  return `${String(record.seq).padStart(5)} ${place.padEnd(18)} ${tellWhat(record)}`;
}

function tellWhat(record: TrueRecord["record"]): string {
  switch (record.event) {
    case "output": {
      const text = JSON.stringify(Buffer.from(record.bytes.subarray(0, 60)).toString("utf8"));
      return `${record.stream} ${text}${record.bytes.length > 60 ? ` … ${record.bytes.length} bytes` : ""}${record.partial ? " (goes on)" : ""}`;
    }
    case "job_state": {
      const why = [record.reason, ...(record.blocked_by ?? [])]
        .filter((part) => part !== undefined)
        .join(" ");
      return `${record.job_id}: ${record.from} → ${record.to}${why === "" ? "" : ` (${why})`}`;
    }
    case "log":
      return `log ${record.message}`;
    case "phase_start":
      return `▶ ${record.phase_code}${record.attempt === undefined ? "" : ` attempt ${record.attempt}`}`;
    case "phase_finish": {
      const facts = [
        record.status,
        record.exit_code,
        record.signal,
        record.error?.code,
        `${record.duration_ms} ms`,
      ];
      return `■ ${record.phase_code} ${facts.filter((fact) => fact !== undefined).join(" ")}`;
    }
    default:
      return unreachable(record);
  }
}

function tellEnding({ ending, tookMs }: SimulationRun): string {
  switch (ending.kind) {
    case "finished":
      return `After ${tookMs} ms: ${ending.result.status}, exit code ${ending.result.exitCode}.`;
    case "crashed":
      return `After ${tookMs} ms: the process was gone.`;
    case "bug":
      return `After ${tookMs} ms: a bug, ${String(ending.error)}.`;
    case "hung":
      return `After ${tookMs} ms: nothing is running any more.`;
    default:
      return unreachable(ending);
  }
}
