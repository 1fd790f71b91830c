import { fingerprint } from "./fingerprint.ts";
import type { RecordPlace } from "./run-facts.ts";
import { SeqSet } from "./seq-set.ts";

/** A record that has, or is, a mirror. */
export interface MirrorRecord extends RecordPlace {
  readonly isMirror: boolean;
}

/**
 * Pairs records with their mirrors, whichever is read first.
 *
 * A pair that agrees is forgotten at once.
 */
export class MirrorLedger {
  /** Every `seq` of a mirror. */
  readonly seen: SeqSet = new SeqSet();
  readonly #unpaired = new Map<number, MirrorRecord & { readonly print: number }>();

  /**
   * Takes a record or a mirror with its text.
   *
   * @returns The mirror, when both are there and differ.
   */
  take(record: MirrorRecord, text: string): MirrorRecord | undefined {
    const print = fingerprint(text);
    const other = this.#unpaired.get(record.seq);
    if (other === undefined || other.isMirror === record.isMirror) {
      this.#unpaired.set(record.seq, { ...record, print });
      return undefined;
    }
    this.#unpaired.delete(record.seq);
    if (other.print === print) return undefined;
    return record.isMirror ? record : other;
  }

  /** Whether a number occurred only in a mirror. */
  isOrphan(seq: number): boolean {
    return this.#unpaired.get(seq)?.isMirror === true;
  }

  /** Records without a mirror and mirrors without a record, in the order in which they were read. */
  unpaired(): Iterable<MirrorRecord> {
    return this.#unpaired.values();
  }
}
