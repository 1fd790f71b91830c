import type { OutputStream } from "@loom/core";
import type { OutputSink, SectionContext, Sections } from "@loom/ports";
import type { Redactor, RedactorStream } from "@loom/secrets";
import { redactValue } from "./redact-value.ts";

/** Hides secrets in the output of one process before anybody gets it. End it when the process has ended. */
export class RedactedOutput implements OutputSink {
  readonly #output: OutputSink;
  readonly #streams: { readonly [S in OutputStream]: RedactorStream };

  constructor(output: OutputSink, redactor: Redactor) {
    this.#output = output;
    this.#streams = { stdout: redactor.stream(), stderr: redactor.stream() };
  }

  write(stream: OutputStream, chunk: Uint8Array): Promise<void> | undefined {
    const shown = this.#streams[stream].push(chunk);
    return shown.length === 0 ? undefined : this.#output.write(stream, shown);
  }

  /** Passes on what was held back because it could have begun a secret. */
  end(): void {
    for (const stream of ["stdout", "stderr"] as const) {
      const rest = this.#streams[stream].end();
      if (rest.length > 0) void this.#output.write(stream, rest);
    }
  }
}

/** Sections in whose output, notes and results secrets are hidden. */
export function redactedSections(sections: Sections, redactor: Redactor): Sections {
  return {
    run: async (name, work) =>
      await sections.run(name, async (context) => {
        const { section, end } = redactedSection(context, redactor);
        try {
          return redactValue(await work(section), redactor);
        } finally {
          end();
        }
      }),
  };
}

/** @returns The section, and what passes on the rest of its output when it is over. */
export function redactedSection(
  context: SectionContext,
  redactor: Redactor,
): { readonly section: SectionContext; readonly end: () => void } {
  const shown = new RedactedOutput(context.output, redactor);
  return {
    section: {
      output: shown,
      log: (level, message, facts) =>
        context.log(level, redactor.text(message), redactValue(facts, redactor)),
    },
    end: () => shown.end(),
  };
}
