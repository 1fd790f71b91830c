export {
  collectArtifacts,
  type CollectArtifactsOptions,
  type CollectedArtifacts,
  type CollectedFile,
} from "./artifacts/collect-artifacts.ts";
export {
  extractArtifacts,
  type ExtractArtifactsOptions,
  type ExtractedArtifacts,
} from "./artifacts/extract-artifacts.ts";
export {
  packFiles,
  packPart,
  unpackFiles,
  type PackedArchive,
  type PackedFiles,
  type PackFilesOptions,
  type PackPartOptions,
  type UnpackFilesOptions,
} from "./files/pack-files.ts";
export { splitFolder, type FolderPart, type SplitFolderOptions } from "./files/split-folder.ts";
export { globMatcher } from "./select/glob-matcher.ts";
export { selectFiles } from "./select/select-files.ts";
export type { CacheError, CacheErrorCode } from "./failure/cache-error.ts";
export { restoreCaches, type RestoreCachesOptions, type RestoredCache } from "./job/restore-caches.ts";
export { saveCaches, type NotSaved, type SaveCachesOptions, type SavedCache } from "./job/save-caches.ts";
export type { KeyContext } from "./key/expand-template.ts";
export { planCaches, type PlanCachesOptions, type PlannedCache } from "./key/plan-caches.ts";
export type { CacheAddress } from "./store/cache-address.ts";
export type { CacheEntry } from "./store/cache-entry.ts";
export {
  createCacheStore,
  DEFAULT_MAX_BYTES,
  type CacheStore,
  type CacheStoreOptions,
} from "./store/cache-store.ts";
export { clearCache, type ClearCacheOptions, type ClearedCache } from "./store/clear-cache.ts";
export { listCache, type ListedCache } from "./store/list-cache.ts";
export { pruneCache, type PruneCacheOptions, type PrunedCache } from "./store/prune-cache.ts";
export { quarantineCaches } from "./store/quarantine.ts";
