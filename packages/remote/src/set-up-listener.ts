import type { EventError, PhaseOutcome } from "@loom/core";
import type { OutputSink, SectionContext, Sections } from "@loom/ports";
import type { CallListener } from "./attempt-calls.ts";

/** Opens and closes the sections of a set-up as a worker says, with what belongs in them. */
export class SetUpListener implements CallListener {
  readonly #sections: Sections;
  readonly #first: SectionContext;
  readonly #firstEnded = Promise.withResolvers<PhaseOutcome>();
  #isFirstOver = false;
  #later: LaterSection | undefined;

  /**
   * @param first - The section `provider`, open: it has everything up to the end of the worker's own, as no two are open at
   *   a time.
   */
  constructor(sections: Sections, first: SectionContext) {
    this.#sections = sections;
    this.#first = first;
  }

  /** How the worker's section `provider` ended. */
  get firstEnded(): Promise<PhaseOutcome> {
    return this.#firstEnded.promise;
  }

  get output(): OutputSink {
    return this.#current.output;
  }

  log(...[level, message, facts]: Parameters<SectionContext["log"]>): void {
    this.#current.log(level, message, facts);
  }

  async sectionStarted(section: Parameters<NonNullable<CallListener["sectionStarted"]>>[0]): Promise<void> {
    if (!this.#isFirstOver) return;
    const ended = Promise.withResolvers<PhaseOutcome>();
    const opened = Promise.withResolvers<SectionContext>();
    const over = this.#sections.run(section, async (context) => {
      opened.resolve(context);
      return await ended.promise;
    });
    this.#later = { context: await opened.promise, end: ended.resolve, over };
  }

  async sectionEnded({
    section,
    outcome,
  }: Parameters<NonNullable<CallListener["sectionEnded"]>>[0]): Promise<void> {
    if (this.#isFirstOver) return await this.#endLater(outcome);
    if (section !== "provider") return;
    this.#isFirstOver = true;
    this.#firstEnded.resolve(outcome);
    // What follows comes into sections of its own, once this one is closed.
    await new Promise((resolve) => void setImmediate(resolve));
  }

  /** Closes what is open when there is nobody who would. */
  async abandon(error: EventError): Promise<void> {
    await this.#endLater({ status: "failed", error });
  }

  get #current(): SectionContext {
    return this.#later?.context ?? this.#first;
  }

  async #endLater(outcome: PhaseOutcome): Promise<void> {
    const later = this.#later;
    this.#later = undefined;
    later?.end(outcome);
    await later?.over;
  }
}

interface LaterSection {
  readonly context: SectionContext;
  readonly end: (outcome: PhaseOutcome) => void;
  readonly over: Promise<PhaseOutcome>;
}
