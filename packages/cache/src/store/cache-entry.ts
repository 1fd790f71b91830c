import type { CacheAddress } from "./cache-address.ts";

/** Schema version of a store's documents. */
const SCHEMA_VERSION = "loom.cache.v1";

/** A store's description of one archive. */
export interface CacheEntry extends CacheAddress {
  /** Hash of the archive's bytes, in hexadecimal. */
  readonly object: string;
  /** The archive on disk. */
  readonly bytes: number;
  /** Size of its files' content. */
  readonly contentBytes: number;
  /** Regular files in it. */
  readonly files: number;
  /** Milliseconds of Unix time. */
  readonly savedAtMs: number;
}

/** The document as written to disk, one line. */
export function formatEntry(entry: CacheEntry): string {
  const { scope, key, paths, object, bytes, contentBytes, files, savedAtMs } = entry;
  const document = {
    schema_version: SCHEMA_VERSION,
    scope,
    key,
    paths,
    object,
    bytes,
    content_bytes: contentBytes,
    files,
    saved_at_ms: savedAtMs,
  };
  return `${JSON.stringify(document)}\n`;
}

/** The entry in a document, or `undefined` when the text is not a valid document. */
export function parseEntry(text: string): CacheEntry | undefined {
  const document = parseObject(text);
  if (document?.["schema_version"] !== SCHEMA_VERSION) return undefined;
  const { scope, key, paths, object, bytes, content_bytes, files, saved_at_ms } = document;
  if (typeof scope !== "string" || typeof key !== "string" || !isTextList(paths)) return undefined;
  if (typeof object !== "string" || !/^[0-9a-f]{64}$/.test(object)) return undefined;
  if (!isCount(bytes) || !isCount(content_bytes) || !isCount(files) || !isCount(saved_at_ms))
    return undefined;
  return { scope, key, paths, object, bytes, contentBytes: content_bytes, files, savedAtMs: saved_at_ms };
}

function parseObject(text: string): { readonly [key: string]: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}
