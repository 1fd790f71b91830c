import type { ByteName } from "./byte-name.ts";

/** What an archive says of one file, folder or link. */
export interface TarEntry {
  readonly kind: "file" | "directory" | "symlink" | "hardlink" | "other";
  /** Relative to the root of the archive, as it stands there. */
  readonly name: ByteName;
  /** Permission bits only, at most `0o777`. */
  readonly mode: number;
  /** Milliseconds of Unix time; fractions are kept to the microsecond. */
  readonly mtimeMs: number;
  /** Bytes of content that follow; 0 for everything but files. */
  readonly size: number;
  /** Where a link points, as it stands in the archive; empty for everything else. */
  readonly target: ByteName;
}

/** Unit of the format: headers are one block, contents are filled up to whole ones. Source: POSIX.1-2024, `pax`. */
export const BLOCK_BYTES = 512;
