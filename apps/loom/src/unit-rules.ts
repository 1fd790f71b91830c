import type { LogLine } from "@loom/diagnosis";

type RuledPlace = Pick<LogLine, "jobId" | "unit">;

/** Says before a line in which step it was printed, where that is another one than before; nothing for jobs of one step. */
export class UnitRules {
  readonly #scripts: ReadonlyMap<string, readonly string[]>;
  readonly #last = new Map<string, string>();
  readonly #isOneStep: boolean;
  #lastPlace: RuledPlace | undefined;

  /** @param isOneStep - Whether only one step was asked for, whose command is known to whoever asks. */
  constructor(scripts: ReadonlyMap<string, readonly string[]>, isOneStep: boolean) {
    this.#scripts = scripts;
    this.#isOneStep = isOneStep;
  }

  before(place: RuledPlace): string | undefined {
    const { jobId, unit } = place;
    if (this.#lastPlace?.jobId === jobId && this.#lastPlace.unit === unit) return undefined;
    this.#lastPlace = place;
    const key = JSON.stringify(unit);
    const last = this.#last.get(jobId);
    if (last === key) return undefined;
    this.#last.set(jobId, key);
    const script = this.#scripts.get(jobId) ?? [];
    const isOnly = last === undefined && (this.#isOneStep || script.length < 2);
    if (unit.kind === "section") return isOnly ? undefined : `# ${unit.section}`;
    const attempt = unit.attempt === undefined ? "" : ` (attempt ${unit.attempt})`;
    if (isOnly && attempt === "") return undefined;
    const [first = "", ...more] = (script[unit.step - 1] ?? `step ${unit.step}`).trimEnd().split("\n");
    return `$ ${first}${more.length > 0 ? ` … +${more.length} lines` : ""}${attempt}`;
  }
}
