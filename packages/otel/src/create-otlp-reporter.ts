import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { SpanKind, SpanStatusCode, TraceFlags, type HrTime, type SpanContext } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import {
  detectResources,
  envDetector,
  resourceFromAttributes,
  type Resource,
} from "@opentelemetry/resources";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import type { JobId, StreamRef } from "@loom/core";
import type { LifecycleRecord, Reporter } from "@loom/ports";
import { RunSpans, spanId, type RunSpan } from "@loom/record";
import { spanAttributes, spanName, type SpanFacts } from "./span-attributes.ts";
import { tlsOptions } from "./tls-options.ts";
import { spanIdOf, traceAround, traceparent } from "./trace-context.ts";

/** Where spans go, and what they are about. */
export interface OtlpReporterOptions extends SpanFacts {
  /**
   * The collector, to which `v1/traces` is added. Default: what the exporter's own variables of the process say, such as
   * `OTEL_EXPORTER_OTLP_ENDPOINT`.
   */
  readonly url?: string | undefined;
  /**
   * The environment of the run: `TRACEPARENT`, without which it begins a trace of its own, and the variables that name
   * certificates. The exporter itself reads that of the process.
   */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly loomVersion: string;
  /** Told once, after the run, if spans did not arrive. */
  readonly warn: (message: string) => void;
}

/** A reporter that sends what it is told as spans. */
export interface OtlpReporter extends Reporter {
  /** The `TRACEPARENT` of a job: what its steps send is part of its span. */
  readonly traceparentOf: (jobId: JobId) => string;
}

/** How long the exporter tries for, and so how long a run may wait at its end. Milliseconds. */
const SEND_MS = 2000;

/** Spans that are sent at a time, while the run goes on. */
const BATCH = 512;

/**
 * Creates a reporter that sends the run, its phases, jobs, sections and steps as spans: in batches while the run goes on,
 * the rest at its end.
 *
 * Nothing that a collector does fails a run, or holds it up for longer than 2 seconds.
 */
export function createOtlpReporter(options: OtlpReporterOptions): OtlpReporter {
  return new SendingReporter(options);
}

class SendingReporter implements OtlpReporter {
  readonly #options: OtlpReporterOptions;
  readonly #trace: ReturnType<typeof traceAround>;
  readonly #exporter: OTLPTraceExporter;
  readonly #agents: HttpAgent[] = [];
  readonly #resource: Resource;
  readonly #spans = new RunSpans();
  readonly #sending = new Set<Promise<void>>();
  #waiting: ReadableSpan[] = [];
  #fault: string | undefined;

  constructor(options: OtlpReporterOptions) {
    this.#options = options;
    this.#trace = traceAround(options.env["TRACEPARENT"]);
    const { url, loomVersion } = options;
    this.#exporter = new OTLPTraceExporter({
      timeoutMillis: SEND_MS,
      httpAgentOptions: (protocol) => this.#agent(protocol),
      ...(url !== undefined && { url: `${url.replace(/\/$/u, "")}/v1/traces` }),
    });
    // Whoever runs it may name the service otherwise, by the standard variables.
    this.#resource = resourceFromAttributes({
      "service.name": "loom",
      "service.version": loomVersion,
      "cicd.pipeline.name": options.pipelineName,
      "cicd.pipeline.run.id": options.runId,
    }).merge(detectResources({ detectors: [envDetector] }));
  }

  traceparentOf(jobId: JobId): string {
    const { traceId } = this.#trace;
    return traceparent({ traceId, parentSpanId: this.#idOf(spanId({ kind: "job", jobId })) });
  }

  record(stream: StreamRef, record: LifecycleRecord): void {
    const ended = this.#spans.record(stream, record);
    for (const span of ended) this.#waiting.push(this.#readable(span));
    const isOver = ended.some(({ unit }) => unit.kind === "run");
    if (isOver || this.#waiting.length >= BATCH) this.#send();
  }

  lines(): void {
    // What is printed is no part of a trace.
  }

  flush(): void {
    // Spans are sent when there are many of them, or the run is over.
  }

  #agent(protocol: string): HttpAgent {
    const options = { keepAlive: true, ...tlsOptions(this.#options.env) };
    const agent = protocol === "https:" ? new HttpsAgent(options) : new HttpAgent({ keepAlive: true });
    this.#agents.push(agent);
    return agent;
  }

  /** Ends what a slow collector would hold the process up with: the exporter itself waits for as long as bytes come. */
  close(): void {
    for (const agent of this.#agents) {
      agent.maxTotalSockets = 0;
      agent.destroy();
    }
  }

  async finish(): Promise<void> {
    // What has no end, as the run ended by a bug, is told of all the same.
    for (const span of this.#spans.open()) this.#waiting.push(this.#readable(span));
    this.#send();
    await Promise.all(this.#sending);
    if (this.#fault !== undefined) this.#options.warn(`Cannot send the spans of this run: ${this.#fault}`);
  }

  #send(): void {
    const spans = this.#waiting;
    if (spans.length === 0) return;
    this.#waiting = [];
    const sending = this.#export(spans).then((fault) => {
      this.#fault ??= fault;
      this.#sending.delete(sending);
    });
    this.#sending.add(sending);
  }

  /** Resolves to what kept them from arriving. */
  async #export(spans: ReadableSpan[]): Promise<string | undefined> {
    return await new Promise((resolve) => {
      const timer = setTimeout(() => resolve("the collector did not answer in time"), SEND_MS);
      this.#exporter.export(spans, ({ error }) => {
        clearTimeout(timer);
        resolve(error && reasonOf(error));
      });
    });
  }

  #idOf(span: string): string {
    return spanIdOf(this.#trace, this.#options.runId, span);
  }

  #readable(span: RunSpan): ReadableSpan {
    const context = this.#contextOf(this.#idOf(span.id));
    const parentId = span.parent === undefined ? this.#trace.parentSpanId : this.#idOf(span.parent);
    const { status, error, endedAtMs, startedAtMs } = span;
    return {
      name: spanName(span, this.#options),
      kind: span.unit.kind === "run" ? SpanKind.SERVER : SpanKind.INTERNAL,
      spanContext: () => context,
      ...(parentId !== undefined && { parentSpanContext: this.#contextOf(parentId) }),
      startTime: hrTime(startedAtMs),
      endTime: hrTime(endedAtMs),
      duration: hrTime(endedAtMs - startedAtMs),
      status:
        status === "failed"
          ? { code: SpanStatusCode.ERROR, ...(error !== undefined && { message: error.message }) }
          : { code: SpanStatusCode.UNSET },
      attributes: spanAttributes(span, this.#options),
      links: [],
      events: [],
      ended: true,
      resource: this.#resource,
      instrumentationScope: { name: "@loom/otel", version: this.#options.loomVersion },
      droppedAttributesCount: 0,
      droppedEventsCount: 0,
      droppedLinksCount: 0,
    };
  }

  #contextOf(id: string): SpanContext {
    return { traceId: this.#trace.traceId, spanId: id, traceFlags: TraceFlags.SAMPLED };
  }
}

/** Seconds and nanoseconds. */
function hrTime(ms: number): HrTime {
  return [Math.floor(ms / 1000), (ms % 1000) * 1_000_000];
}

/** In one line: a collector may answer with a whole page. */
function reasonOf({ message }: Error): string {
  return (message.split("\n", 1)[0] ?? "").slice(0, 200);
}
