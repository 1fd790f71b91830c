export { createOtlpReporter, type OtlpReporter, type OtlpReporterOptions } from "./create-otlp-reporter.ts";
export type { SpanFacts } from "./span-attributes.ts";
export { readTraceparent, traceparent, type TraceContext } from "./trace-context.ts";
