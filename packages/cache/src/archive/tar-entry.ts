import type { ByteName } from "./byte-name.ts";

/** An archive's header for one file, folder or link. */
export interface TarEntry {
  readonly kind: "file" | "directory" | "symlink" | "hardlink" | "other";
  /** Relative to the root of the archive, as stored. */
  readonly name: ByteName;
  /** Permission bits only, at most `0o777`. */
  readonly mode: number;
  /** Milliseconds of Unix time; fractions are kept to the microsecond. */
  readonly mtimeMs: number;
  /** Bytes of content that follow; 0 for everything but files. */
  readonly size: number;
  /** Where a link points, as stored; empty for everything else. */
  readonly target: ByteName;
}

/** Unit of the format: a header is one block, and contents are padded to whole blocks. Source: POSIX.1-2024, `pax`. */
export const BLOCK_BYTES = 512;
