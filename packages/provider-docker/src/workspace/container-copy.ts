import { existsSync, lstatSync, realpathSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, sep } from "node:path";
import { PassThrough, type Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { err, ok, type EventError, type Result } from "@loom/core";
import type { WorkspaceCopy } from "@loom/ports";
import { errnoCode, removeAll } from "@loom/system";
import type Docker from "dockerode";
import type { ReadEntry } from "tar";
import { containerUser, type ContainerUser } from "./container-user.ts";
import { engineError, isNotThere } from "../engine/engine-error.ts";

/** What was copied. */
export interface Copied {
  readonly files: number;
  readonly bytes: number;
}

/** What is never taken out: the job's own has no other objects than the workspace's, and hooks in it would run here. */
const REPOSITORY = ".git";

/** Copies between a workspace and a folder in a container, as archives that the engine packs and unpacks. */
export class ContainerCopy implements WorkspaceCopy {
  readonly #container: Docker.Container;
  readonly #workspaceRoot: string;
  readonly #folder: string;
  #user: ContainerUser | undefined;

  /**
   * @param workspaceRoot - Absolute path of the workspace.
   * @param folder - Absolute path in the container.
   */
  constructor(container: Docker.Container, workspaceRoot: string, folder: string) {
    this.#container = container;
    this.#workspaceRoot = workspaceRoot;
    this.#folder = folder;
  }

  async putIn(paths: readonly string[], stop: AbortSignal): Promise<Result<void, EventError>> {
    const copied = await this.copyIn(paths, stop);
    return copied.ok ? ok(undefined) : copied;
  }

  /** As {@link putIn}, and says how much that was. */
  async copyIn(paths: readonly string[], stop: AbortSignal): Promise<Result<Copied, EventError>> {
    const root = this.#workspaceRoot;
    const present = paths.filter(
      (path) => lstatSync(join(root, path), { throwIfNoEntry: false }) !== undefined,
    );
    let files = 0;
    let bytes = 0;
    if (present.length === 0) return ok({ files, bytes });
    return await this.#attempt("copy the workspace into its container", stop, async () => {
      this.#user ??= await containerUser(this.#container);
      const { uid, gid } = this.#user;
      const { create } = await import("tar");
      const archive = create(
        {
          cwd: root,
          // An engine leaves the owner of the folder alone that it unpacks in, so that is the one above.
          prefix: basename(this.#folder),
          filter: (_path, stat) => {
            if (!("isFile" in stat)) return true;
            // Users of this machine mean nothing in the container: all belongs to its own.
            Object.assign(stat, { uid, gid });
            if (!stat.isFile()) return true;
            files += 1;
            bytes += stat.size;
            return true;
          },
        },
        [...present],
      );
      await this.#send(archive as unknown as NodeJS.ReadableStream, stop);
      return { files, bytes };
    });
  }

  /** @throws Why the archive could not be made, else why the engine did not take it. */
  async #send(archive: NodeJS.ReadableStream, stop: AbortSignal): Promise<void> {
    const body = new PassThrough();
    const giveUp = new AbortController();
    const packed = pipeline(archive, body).catch((error: unknown) => {
      // The engine would wait for the rest.
      giveUp.abort();
      return error;
    });
    const options = {
      path: dirname(this.#folder),
      abortSignal: AbortSignal.any([stop, giveUp.signal]),
    };
    const sent = await this.#container.putArchive(body, options).then(
      () => undefined,
      (error: unknown) => {
        body.destroy();
        return error;
      },
    );
    const failure = giveUp.signal.aborted ? await packed : sent;
    // oxlint-disable-next-line typescript/only-throw-error -- it was thrown
    if (failure !== undefined) throw failure;
  }

  async takeOut(paths: readonly string[], stop: AbortSignal): Promise<Result<void, EventError>> {
    for (const path of paths) {
      const taken = await this.#attempt(`take "${path}" out of its container`, stop, async () =>
        this.#take(path, stop),
      );
      if (!taken.ok) return taken;
      if (taken.value !== undefined) return err(taken.value);
    }
    return ok(undefined);
  }

  /** @returns Why it was refused. */
  async #take(path: string, stop: AbortSignal): Promise<EventError | undefined> {
    const isAll = path === ".";
    const parent = isAll ? this.#workspaceRoot : dirname(join(this.#workspaceRoot, path));
    if (!this.#isInside(parent)) {
      const message = `Cannot take "${path}" out of its container: it leads out of the workspace`;
      return { code: "engine_failed", message };
    }
    await this.#empty(path);
    const archive = await this.#read(isAll ? `${this.#folder}/.` : `${this.#folder}/${path}`, stop);
    if (archive === undefined) return undefined;
    await mkdir(parent, { recursive: true });
    const prefix = isAll ? "" : dirname(path);
    const { extract } = await import("tar");
    const into = extract({
      cwd: this.#workspaceRoot,
      // Nothing of it has to be read-only here, where it is packed and removed again.
      dmode: 0o755,
      preserveOwner: false,
      filter: (name, entry) =>
        !(isAll && isRepository(name)) && !("isFile" in entry) && this.#place(entry, prefix),
    });
    await pipeline(archive, into as unknown as NodeJS.WritableStream, { signal: stop });
    return undefined;
  }

  /**
   * Gives an entry, which is named from the folder of its archive on, its name in the workspace, and has a link lead there, too.
   *
   * @returns Whether it belongs in the workspace: an absolute link may lead out of it.
   */
  #place(entry: ReadEntry, prefix: string): boolean {
    entry.path = join(prefix, entry.path);
    const { type, linkpath } = entry;
    if (linkpath === undefined) return true;
    if (type === "Link") entry.linkpath = join(prefix, linkpath);
    else if (isAbsolute(linkpath)) {
      if (!linkpath.startsWith(`${this.#folder}/`)) return false;
      entry.linkpath = relative(join(this.#folder, dirname(entry.path)), linkpath);
    }
    return true;
  }

  /** Whether a folder, or what it will be made in, is in the workspace, whatever links lead there. */
  #isInside(folder: string): boolean {
    const root = realpathSync(this.#workspaceRoot);
    let there = folder;
    while (!existsSync(there)) there = dirname(there);
    const real = realpathSync(there);
    return real === root || real.startsWith(root + sep);
  }

  async #empty(path: string): Promise<void> {
    const names =
      path === "." ? (await readdir(this.#workspaceRoot)).filter((name) => name !== REPOSITORY) : [path];
    for (const name of names) removeAll(join(this.#workspaceRoot, name));
  }

  /** An archive of what is at a path in the container; `undefined` when nothing is. */
  async #read(path: string, stop: AbortSignal): Promise<Readable | undefined> {
    try {
      const options = { path, abortSignal: stop };
      return (await this.#container.getArchive(options)) as Readable;
    } catch (cause) {
      if (isNotThere(cause)) return undefined;
      throw cause;
    }
  }

  async #attempt<T>(what: string, stop: AbortSignal, work: () => Promise<T>): Promise<Result<T, EventError>> {
    try {
      stop.throwIfAborted();
      return ok(await work());
    } catch (cause) {
      if (stop.aborted)
        return err({ code: "cancelled", message: `Cannot ${what}: the job is being stopped` });
      if (errnoCode(cause) === "ENOSPC")
        return err({
          code: "machine_exhausted",
          message: `Cannot ${what}: no space is left on this machine`,
        });
      if (isArchiveError(cause))
        return err({ code: "engine_failed", message: `Cannot ${what}: ${cause.message}` });
      return err(engineError(what, cause));
    }
  }
}

/** Whether what the engine sent is no archive, or ends too early. Source: the codes of tar. */
function isArchiveError(cause: unknown): cause is Error {
  return cause instanceof Error && "code" in cause && String(cause.code).startsWith("TAR_");
}

function isRepository(name: string): boolean {
  return name.split("/").find((part) => part !== "." && part !== "") === REPOSITORY;
}
