import { runWorkflow } from "@loom/runner";

const stop = new AbortController();
const reporter = (name) => ({
  record: (stream, record) => {
    if (record.event === "job_state") console.log(`${name}: ${record.job_id} is ${record.to}`);
    if (record.event === "phase_start" && record.phase_code === "step.script" && record.job_id === "slow")
      stop.abort();
  },
  lines: (stream, { bytes, ends }) => console.log(`${name}: ${Buffer.from(bytes.subarray(0, ends.at(-1)))}`),
  flush: () => {},
  finish: ({ outcome }) => console.log(`${name}: ${outcome.status}`),
});

// Two runs at a time: one of a single job, one that is stopped as soon as its slow job runs.
const [lint, slow] = await Promise.all([
  runWorkflow({ jobs: ["lint"], reporters: [reporter("lint")] }),
  runWorkflow({ jobs: ["slow"], reporters: [reporter("slow")], signal: stop.signal }),
]);
console.log(lint.exitCode, slow.exitCode, lint.explanation?.summary ?? "all is well");
