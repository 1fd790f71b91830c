import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { makeProject, type Ended, type Project } from "../project.ts";
import { readSpans, type SentSpan } from "./read-spans.ts";

const WORKFLOW = `version: v1
stages: [a, b]
unit:
  stage: a
  script: ["echo $TRACEPARENT", "exit 3"]
  retry: {max: 1, on: [failure]}
lint: {stage: a, script: ["true"]}
pack: {stage: b, script: ["true"]}
`;

const AROUND = { trace: "0af7651916cd43dd8448eb211c80319c", span: "b7ad6b7169203331" };

/** A collector on this machine. */
async function collector(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A collector that takes everything. */
async function takingCollector(): Promise<{
  readonly url: string;
  readonly paths: string[];
  readonly requests: Buffer[];
}> {
  const paths: string[] = [];
  const requests: Buffer[] = [];
  const url = await collector((request, response) => {
    void buffer(request).then((body) => {
      paths.push(`${request.method ?? ""} ${request.url ?? ""} ${request.headers["content-type"] ?? ""}`);
      requests.push(body);
      response.writeHead(200, { "content-type": "application/x-protobuf" }).end();
    });
  });
  return { url, paths, requests };
}

async function run(
  project: Project,
  args: readonly string[],
  env?: Readonly<Record<string, string>>,
): Promise<Ended> {
  return await project.start(["run", "-q", "-j", "1", ...args], env).ended;
}

/** The spans as a tree: each with its result, below the one that it is part of. */
function treeOf(spans: readonly SentSpan[], parent: string, indent = ""): readonly string[] {
  return spans
    .filter(({ parentSpanId }) => parentSpanId === parent)
    .sort((a, b) => Number(a.startNs - b.startNs) || Number(a.endNs - b.endNs))
    .flatMap((span) => [
      `${indent}${span.name}${resultOf(span)}`,
      ...treeOf(spans, span.spanId, `${indent}  `),
    ]);
}

function resultOf({ attributes }: SentSpan): string {
  const result = attributes["cicd.pipeline.result"] ?? attributes["cicd.pipeline.task.run.result"];
  return result === undefined ? "" : ` ${String(result)}`;
}

test("loom run --otlp sends a run as spans, within the trace that it was started in", async () => {
  const { url, paths, requests } = await takingCollector();
  const project = makeProject({ workflow: WORKFLOW });
  const ended = await run(project, ["--otlp", `${url}/`], {
    TRACEPARENT: `00-${AROUND.trace}-${AROUND.span}-01`,
    OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=test",
  });
  expect(ended).toMatchObject({ exitCode: 1, stderr: "" });
  expect(paths).toEqual(["POST /v1/traces application/x-protobuf"]);
  const { resource, spans } = readSpans(requests[0] ?? Buffer.alloc(0));
  const runId = project.lastRun().receipt.run_id;
  expect(resource).toMatchObject({
    "service.name": "loom",
    "cicd.pipeline.run.id": runId,
    "deployment.environment.name": "test",
  });
  expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([AROUND.trace]));
  expect(treeOf(spans, AROUND.span).map((line) => line.replace(/RUN \S+/u, "RUN project"))).toEqual([
    "RUN project failure",
    "  run.bootstrap",
    "  pipeline.execute",
    "    unit failure",
    "      provider success",
    "      echo $TRACEPARENT success",
    "      exit 3 failure",
    "      provider success",
    "      echo $TRACEPARENT success",
    "      exit 3 failure",
    "      cleanup success",
    "    lint success",
    "      provider success",
    "      true success",
    "      cleanup success",
    "    pack skip",
    "  run.finalize",
  ]);
  const named = (name: string): SentSpan | undefined => spans.findLast((span) => span.name === name);
  expect(named("exit 3")).toMatchObject({
    kind: 1,
    status: { code: 2, message: "Step 2 exited with code 3" },
    attributes: {
      "cicd.pipeline.task.name": "exit 3",
      "cicd.pipeline.task.run.id": `${runId}/jobs/unit/2/2`,
      "error.type": "exit_code",
      "process.exit.code": 3,
      "loom.attempt": 2,
      "loom.command": "exit 3",
    },
  });
  const whole = spans.find(({ kind }) => kind === 2);
  expect(whole?.attributes).toMatchObject({
    "cicd.pipeline.run.id": runId,
    "cicd.pipeline.action.name": "RUN",
  });
  expect(spans.every(({ startNs, endNs }) => startNs > 0n && endNs >= startNs)).toBe(true);
  expect(project.loom(["logs", "last", "unit", "1"]).stdout).toContain(
    `00-${AROUND.trace}-${named("unit")?.spanId ?? "?"}-01`,
  );
});

test("OTEL_EXPORTER_OTLP_ENDPOINT and the exporter's own variables do the same", async () => {
  const { url, paths, requests } = await takingCollector();
  const project = makeProject({ workflow: "version: v1\nstages: [a]\nunit: {stage: a, script: ['true']}\n" });
  const ended = await run(project, [], { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_SERVICE_NAME: "mine" });
  expect(ended).toMatchObject({ exitCode: 0, stderr: "" });
  expect(paths).toHaveLength(1);
  const { resource, spans } = readSpans(requests[0] ?? Buffer.alloc(0));
  expect(resource).toMatchObject({ "service.name": "mine" });
  expect(spans.filter(({ parentSpanId }) => parentSpanId === "")).toHaveLength(1);
  expect(await run(project, [], { OTEL_EXPORTER_OTLP_ENDPOINT: "" })).toMatchObject({
    exitCode: 0,
    stderr: "",
  });
  expect(paths).toHaveLength(1);
});

test("without a collector, the TRACEPARENT of the environment reaches the steps as it is", async () => {
  const project = makeProject({ workflow: WORKFLOW });
  const around = `00-${AROUND.trace}-${AROUND.span}-01`;
  await run(project, [], { TRACEPARENT: around });
  expect(project.loom(["logs", "last", "unit", "1"]).stdout).toContain(around);
});

test("a run of very many spans is sent in parts, and each span comes once", async () => {
  const { url, requests } = await takingCollector();
  const jobs = Array.from({ length: 200 }, (_, index) => `j${index}: {stage: a, script: ["true"]}`);
  const project = makeProject({ workflow: `version: v1\nstages: [a]\n${jobs.join("\n")}\n` });
  expect(await run(project, ["--otlp", url])).toMatchObject({ exitCode: 0, stderr: "" });
  expect(requests.length).toBeGreaterThan(1);
  const ids = requests.flatMap((request) => readSpans(request).spans.map(({ spanId }) => spanId));
  expect(ids).toHaveLength(200 * 4 + 4);
  expect(new Set(ids).size).toBe(ids.length);
});

test.each([
  ["refuses", 503, "end"],
  ["says no with a page", 404, "end"],
  ["does not answer", 0, "silence"],
  ["dribbles its answer", 200, "dribble"],
] as const)("a collector that %s fails no run, and is said in one line", async (_, status, end) => {
  const url = await collector((request, response) => {
    request.resume();
    if (status > 0) response.writeHead(status);
    if (end === "end") response.end("<html>\nno\n</html>");
    if (end !== "dribble") return;
    const timer = setInterval(() => response.write("x"), 100);
    response.on("close", () => clearInterval(timer));
  });
  const project = makeProject({ workflow: "version: v1\nstages: [a]\nunit: {stage: a, script: ['true']}\n" });
  const began = Date.now();
  const ended = await run(project, ["--otlp", url]);
  expect(ended.exitCode).toBe(0);
  expect(ended.stderr).toMatch(/^loom: Cannot send the spans of this run: [^\n]+\n$/u);
  expect(Date.now() - began).toBeLessThan(6000);
});

test("a collector that is not there fails no run; a URL that is none is wrong use", async () => {
  const project = makeProject({ workflow: "version: v1\nstages: [a]\nunit: {stage: a, script: ['true']}\n" });
  const ended = await run(project, ["--otlp", "http://127.0.0.1:9"]);
  expect(ended.exitCode).toBe(0);
  expect(ended.stderr).toMatch(/^loom: Cannot send the spans of this run: [^\n]+\n$/u);
  expect(await run(project, ["--otlp", "localhost:4318"])).toMatchObject({
    exitCode: 2,
    stderr: 'loom: Cannot send spans to --otlp "localhost:4318": give a URL such as http://localhost:4318\n',
  });
});
