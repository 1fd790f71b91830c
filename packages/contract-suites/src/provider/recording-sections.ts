import type { FactValue, LogLevel, PhaseOutcome, SectionName } from "@loom/core";
import type { SectionContext, Sections } from "@loom/ports";
import { CollectedOutput } from "./collected-output.ts";

/** One `log` record. */
export interface RecordedLog {
  readonly level: LogLevel;
  readonly message: string;
  readonly facts?: Readonly<Record<string, FactValue>>;
}

/** One section from start to end. */
export interface RecordedSection {
  readonly section: SectionName;
  readonly logs: readonly RecordedLog[];
  /** Absent while the section is open, or when its work threw. */
  readonly outcome?: PhaseOutcome;
}

/** A section that keeps its records and its output. */
export interface RecordingLog extends SectionContext {
  readonly logs: readonly RecordedLog[];
  readonly output: CollectedOutput;
}

/** Sections that keep what happened in them. */
export interface RecordingSections extends Sections {
  readonly sections: readonly RecordedSection[];
}

/** Makes a section that keeps its records and its output. */
export function createRecordingLog(): RecordingLog {
  const logs: RecordedLog[] = [];
  return {
    logs,
    output: new CollectedOutput(),
    log(level, message, facts) {
      logs.push({ level, message, ...(facts !== undefined && { facts }) });
    },
  };
}

/** Makes sections that keep what happened in them. Opening a second while one is open is an error. */
export function createRecordingSections(): RecordingSections {
  const sections: RecordedSection[] = [];
  let open: SectionName | undefined;
  return {
    sections,
    async run<T extends PhaseOutcome>(
      section: SectionName,
      work: (context: SectionContext) => Promise<T>,
    ): Promise<T> {
      if (open !== undefined) throw new Error(`Cannot open section "${section}": "${open}" is still open`);
      open = section;
      const log = createRecordingLog();
      const at = sections.push({ section, logs: log.logs }) - 1;
      try {
        const outcome = await work(log);
        sections[at] = { section, logs: log.logs, outcome };
        return outcome;
      } finally {
        open = undefined;
      }
    },
  };
}
