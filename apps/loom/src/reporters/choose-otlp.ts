import { basename } from "node:path";
import { err, ok, type Result } from "@loom/core";
import type { OtlpReporter } from "@loom/otel";
import type { Reporter } from "@loom/ports";
import type { JobVariables, RunStart } from "@loom/runner";
import { LOOM_VERSION } from "../loom-version.ts";
import type { ProcessIo } from "../process-io.ts";

/** What sends the spans of a run, and tells its jobs which trace they are part of. */
export interface OtlpParts {
  readonly reporter: (start: RunStart) => Reporter;
  readonly jobVariables: JobVariables;
}

/**
 * Decides whether the run is sent to a collector: by a flag, else by `OTEL_EXPORTER_OTLP_ENDPOINT`. Only then is what
 * sends it loaded.
 *
 * @returns Why there is no such collector.
 */
export async function chooseOtlp(
  flag: string | undefined,
  { env, stderr }: Pick<ProcessIo, "env" | "stderr">,
): Promise<Result<OtlpParts | undefined, { readonly message: string }>> {
  const url = flag ?? env["OTEL_EXPORTER_OTLP_ENDPOINT"] ?? "";
  if (flag === undefined && url === "") return ok(undefined);
  if (!["http:", "https:"].includes(URL.parse(url)?.protocol ?? "")) {
    const name = flag === undefined ? "OTEL_EXPORTER_OTLP_ENDPOINT=" : "--otlp ";
    return err({ message: `Cannot send spans to ${name}"${url}": give a URL such as http://localhost:4318` });
  }
  const { createOtlpReporter } = await import("@loom/otel");
  let created: OtlpReporter | undefined;
  return ok({
    reporter: ({ identity, repoRoot }) => {
      created = createOtlpReporter({
        url: flag,
        env,
        runId: identity.runId,
        pipelineName: basename(repoRoot),
        loomVersion: LOOM_VERSION,
        warn: (message) => void stderr.write(`loom: ${message}\n`),
      });
      return created;
    },
    jobVariables: (jobId) => (created === undefined ? {} : { TRACEPARENT: created.traceparentOf(jobId) }),
  });
}
