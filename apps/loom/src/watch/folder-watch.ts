import { existsSync, lstatSync, readdirSync, watch, type Dirent, type FSWatcher } from "node:fs";
import { basename, dirname, join, sep } from "node:path";
import { errnoCode, isAbsent, systemErrorReason, type Environment } from "@loom/system";
import { ignoredPaths } from "./ignored-paths.ts";

/** What to watch, and who is told. */
export interface FolderWatchOptions {
  /** Absolute. */
  readonly root: string;
  /** Environment of git. */
  readonly env: Environment;
  /** Whether a file is written by the watching program itself. */
  readonly isOwn: (path: string) => boolean;
  /** Called with the files that changed, absolute. */
  readonly onChange: (paths: readonly string[]) => void;
  /** Called with what a person should know: a sentence without a full stop. */
  readonly onWarning: (message: string) => void;
}

/** How long changes are collected. Source: docs/terminal.md#running-again. */
const COLLECT_MS = 200;

/** Something that always changes must not put a look off for ever. Unit: milliseconds. */
const MOST_COLLECT_MS = 2000;

/** What to do about limits: of Linux, and of systems that open a folder to watch it. */
const ADVICE: Readonly<Record<string, string>> = {
  ENOSPC: ". Raise the limit: sysctl fs.inotify.max_user_watches",
  EMFILE: ". Raise the limit: ulimit -n",
};

/** A folder, or a file in one, and the repository that knows whether it is ignored. */
interface Place {
  readonly path: string;
  /** Absolute; absent outside of one. */
  readonly repository: string | undefined;
}

interface Watched extends Place {
  readonly watcher: FSWatcher;
}

/**
 * Watches the files of a folder that git does not ignore; outside a repository,
 * all but `node_modules`. The evidence of runs and `.git` are never watched.
 *
 * Each folder is watched by itself. Node's recursive watch takes, on Linux, one
 * watch of the system for every file, those of ignored folders too, of which
 * there are often more than the system gives.
 */
export class FolderWatch {
  readonly #options: FolderWatchOptions;
  readonly #folders = new Map<string, Watched>();
  /** What was reported since the last look; whether it may be something else than before. */
  readonly #reported = new Map<string, Place & { replaced: boolean }>();
  #timer: NodeJS.Timeout | undefined;
  #firstMs: number | undefined;
  #looking: Promise<void> = Promise.resolve();
  #isClosed = false;
  #hasWarned = false;

  constructor(options: FolderWatchOptions) {
    this.#options = options;
  }

  /** Begins. Resolves when everything is watched. */
  async open(): Promise<void> {
    const { root } = this.#options;
    await this.#add([{ path: root, repository: existsSync(join(root, ".git")) ? root : undefined }]);
  }

  /** Resolves when what happened until now has been told. */
  async settle(): Promise<void> {
    await new Promise((resolve) => {
      setTimeout(resolve, COLLECT_MS);
    });
    this.#look();
    await this.#looking;
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    for (const { watcher } of this.#folders.values()) watcher.close();
    this.#folders.clear();
  }

  /** Watches folders and what is below them. @returns The files in them. */
  async #add(folders: readonly Place[]): Promise<Place[]> {
    const files: Place[] = [];
    let level = folders;
    while (level.length > 0 && !this.#isClosed) {
      const below: Place[] = [];
      for (const folder of level) {
        // First the watch: what is made from then on is reported, what was made before is found.
        if (!this.#watch(folder)) continue;
        for (const entry of entriesOf(folder.path)) {
          const place = { path: join(folder.path, entry.name), repository: folder.repository };
          if (isLeftOut(place)) continue;
          if (entry.isDirectory()) below.push(place);
          else files.push(place);
        }
      }
      level = (await this.#notIgnored(below)).map(({ path, repository }) => ({
        path,
        // A repository within another one knows itself what it ignores.
        repository: existsSync(join(path, ".git")) ? path : repository,
      }));
    }
    return files;
  }

  /** @returns Whether the folder is there, and watched. */
  #watch(folder: Place): boolean {
    try {
      const watcher = watch(folder.path, (event, name) => this.#note(folder, event, name));
      watcher.on("error", () => this.#forget(folder.path));
      this.#folders.set(folder.path, { ...folder, watcher });
      return true;
    } catch (cause) {
      const code = errnoCode(cause);
      if (code === undefined) throw cause;
      if (isAbsent(cause) || code === "EACCES") return false;
      this.#warn(`Cannot watch "${folder.path}": ${systemErrorReason(cause)}${ADVICE[code] ?? ""}`);
      return false;
    }
  }

  #warn(message: string): void {
    if (!this.#hasWarned) this.#options.onWarning(message);
    this.#hasWarned = true;
  }

  /** No longer watches a folder and what is below it. */
  #forget(path: string): void {
    for (const [each, { watcher }] of this.#folders) {
      if (each !== path && !each.startsWith(path + sep)) continue;
      watcher.close();
      this.#folders.delete(each);
    }
  }

  #note({ path: folder, repository }: Place, event: "rename" | "change", name: string | null): void {
    const path = name === null ? folder : join(folder, name);
    const place = { path, repository };
    if (this.#isClosed || isLeftOut(place)) return;
    const before = this.#reported.get(path);
    this.#reported.set(path, { ...place, replaced: before?.replaced === true || event === "rename" });
    const now = performance.now();
    this.#firstMs ??= now;
    clearTimeout(this.#timer);
    const delayMs = Math.min(COLLECT_MS, Math.max(0, this.#firstMs + MOST_COLLECT_MS - now));
    this.#timer = setTimeout(() => this.#look(), delayMs);
  }

  #look(): void {
    clearTimeout(this.#timer);
    this.#firstMs = undefined;
    const reported = [...this.#reported.values()];
    this.#reported.clear();
    this.#looking = this.#looking.then(() => this.#tell(reported));
  }

  async #tell(reported: readonly (Place & { replaced: boolean })[]): Promise<void> {
    const files: Place[] = [];
    const folders: Place[] = [];
    for (const place of reported) {
      const kind = kindOf(place.path);
      const isKnown = this.#folders.has(place.path);
      if (kind === "folder") {
        // What changes in one that is watched is reported by itself.
        if (isKnown && !place.replaced) continue;
        this.#forget(place.path);
        folders.push(place);
        continue;
      }
      this.#forget(place.path);
      // A folder that is gone reports itself; the one that held it does so, too.
      const isItself = kind === "nothing" && kindOf(dirname(place.path)) === "nothing";
      if (!isItself) files.push(place);
    }
    const made = await this.#add(
      (await this.#notIgnored(folders)).map(({ path, repository }) => ({
        path,
        repository: existsSync(join(path, ".git")) ? path : repository,
      })),
    );
    const counting = await this.#notIgnored([...files, ...made]);
    // A folder may no longer be ignored.
    if (counting.some(({ path }) => basename(path) === ".gitignore")) {
      this.#forget(this.#options.root);
      await this.open();
    }
    const changed = counting.map(({ path }) => path).filter((path) => !this.#options.isOwn(path));
    if (changed.length > 0 && !this.#isClosed) this.#options.onChange(changed);
  }

  async #notIgnored(places: readonly Place[]): Promise<readonly Place[]> {
    const byRepository = Map.groupBy(places, ({ repository }) => repository);
    const ignored = new Set<string>();
    for (const [repository, some] of byRepository) {
      if (repository === undefined) continue;
      const paths = some.map(({ path }) => path);
      const answer = await ignoredPaths(repository, paths, this.#options.env);
      if (answer === undefined)
        this.#warn(`Cannot ask git what it ignores in "${repository}", so every file counts`);
      for (const path of answer ?? []) ignored.add(path);
    }
    return places.filter(({ path }) => !ignored.has(path));
  }
}

/** Whether changes of something never count, or only where git says what is ignored. */
function isLeftOut({ path, repository }: Place): boolean {
  const name = basename(path);
  if (name === ".git") return true;
  if (name === ".runtime" && basename(dirname(path)) === ".loom") return true;
  return repository === undefined && name === "node_modules";
}

function kindOf(path: string): "folder" | "other" | "nothing" {
  try {
    return lstatSync(path).isDirectory() ? "folder" : "other";
  } catch {
    return "nothing";
  }
}

/** What is in a folder; nothing when it is gone or may not be read. */
function entriesOf(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch {
    return [];
  }
}
