import { expect, test } from "vitest";
import { LOOM, makeProject } from "../project.ts";
import { connect } from "./connect.ts";

const TOKEN = "s3cr3t/token+value";

/** Each way to print it; the last one fails. */
const PRINTING = [
  'echo "is $TOKEN"',
  "printf '%s' \"$TOKEN\" | base64",
  "printf 'x%s' \"$TOKEN\" | base64",
  'for c in s 3 c r 3 t / t o k e n + v a l u e; do printf %s "$c"; sleep 0.01; done; echo',
  "node -e 'console.log(JSON.stringify(process.env), encodeURIComponent(process.env.TOKEN))'",
  'echo "src/a.ts(1,2): error TS2322: is $TOKEN" >&2; exit 1',
];

const FORMS = [
  TOKEN,
  encodeURIComponent(TOKEN),
  ...["", "x", "xx"].map((before) =>
    // Without the letters that the neighbours have a part in.
    Buffer.from(before + TOKEN)
      .toString("base64")
      .slice(before === "" ? 0 : 4, -4),
  ),
];

test("no value of a secret is in an answer, a text, a resource or the progress of the MCP server", async () => {
  const project = makeProject({
    workflow: `version: v1
stages: [a]
${PRINTING.map(
  (script, index) =>
    `j${index}: {stage: a, secrets: {TOKEN: {ref: "env://MY_TOKEN", file: false}}, script: [${JSON.stringify(script)}]}\n`,
).join("")}`,
  });
  const { client, call } = await connect(project, [LOOM, "mcp"], { MY_TOKEN: TOKEN });
  const said: unknown[] = [];
  const ran = await call(
    "loom_run_local",
    { in_place: true },
    { onprogress: (progress) => void said.push(progress) },
  );
  expect(ran.data).toMatchObject({ status: "failure" });
  said.push(ran);
  const runId = String(ran.data["run_id"]);
  const jobs = PRINTING.map((_, index) => `j${index}`);
  for (const selector of jobs) said.push(await call("loom_read_logs", { run_id: runId, selector }));
  said.push(await call("loom_explain", { run_id: runId }));
  said.push(await call("loom_read_receipt", { receipt_path: String(ran.data["receipt_path"]) }));
  for (const tool of ["loom_runs", "loom_compile", "loom_plan", "loom_verify"]) said.push(await call(tool));
  said.push(await client.readResource({ uri: `loom://runs/${runId}/explain` }));
  const text = JSON.stringify(said);
  expect(text).toContain("TS2322");
  expect(text).toContain("is [REDACTED:SECRET_TOKEN]");
  for (const form of FORMS) expect(text).not.toContain(form);
});
