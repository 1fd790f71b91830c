import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import type Docker from "dockerode";
import { create, list } from "tar";
import { expect, onTestFinished, test } from "vitest";
import { ContainerCopy } from "./container-copy.ts";

const NEVER = new AbortController().signal;

interface Arranged {
  readonly copy: ContainerCopy;
  readonly root: string;
  /** A folder that is not in the workspace. */
  readonly outside: string;
  /** The archives that the engine was sent. */
  readonly sent: Buffer[];
}

/** A workspace with `a/old` and `.git/config`, and an engine that gives an archive for everything that is asked for. */
function arrange(answer: () => Promise<Readable>): Arranged {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "loom-copy-")));
  onTestFinished(() => rmSync(base, { recursive: true, force: true }));
  const root = join(base, "workspace");
  const outside = join(base, "outside");
  for (const folder of [join(root, "a"), join(root, ".git"), outside]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(root, "a/old"), "old");
  writeFileSync(join(root, ".git/config"), "own");
  const sent: Buffer[] = [];
  const container = {
    inspect: async () => Promise.resolve({ Config: { User: "7:8" } }),
    putArchive: async (body: Readable) => void sent.push(await buffer(body)),
    getArchive: answer,
  };
  return {
    copy: new ContainerCopy(container as unknown as Docker.Container, root, "/workspace"),
    root,
    outside,
    sent,
  };
}

/** An archive of files, by their names. */
async function archiveOf(files: Readonly<Record<string, string>>): Promise<Readable> {
  const folder = mkdtempSync(join(tmpdir(), "loom-archive-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return Promise.resolve(
    Readable.from([create({ cwd: folder, sync: true }, readdirSync(folder)).read() ?? ""]),
  );
}

const nothingThere = async (): Promise<Readable> =>
  Promise.reject(
    Object.assign(new Error("no such file"), { statusCode: 404, json: { message: "no such file" } }),
  );

test("putIn() sends what is there, as files of the container's user", async () => {
  const { copy, root, sent } = arrange(nothingThere);
  expect(await copy.putIn(["a", "missing"], NEVER)).toEqual({ ok: true, value: undefined });
  writeFileSync(join(root, "sent.tar"), sent[0] ?? "");
  const entries: string[] = [];
  list({
    file: join(root, "sent.tar"),
    sync: true,
    onReadEntry: ({ path, uid, gid }) => void entries.push(`${path} ${uid} ${gid}`),
  });
  expect(entries).toEqual(["workspace/a/ 7 8", "workspace/a/old 7 8"]);
  expect(await copy.putIn(["missing"], NEVER)).toEqual({ ok: true, value: undefined });
  expect(sent).toHaveLength(1);
});

test("takeOut() puts what the job has in place of what was there, whether it has something or not", async () => {
  const { copy, root } = arrange(async () => archiveOf({ "a/new": "new" }));
  expect(await copy.takeOut(["a"], NEVER)).toMatchObject({ ok: true });
  expect(readdirSync(join(root, "a"))).toEqual(["new"]);
  const empty = arrange(nothingThere);
  expect(await empty.copy.takeOut(["a"], NEVER)).toMatchObject({ ok: true });
  expect(existsSync(join(empty.root, "a"))).toBe(false);
});

test("takeOut() of everything leaves the repository of the workspace alone", async () => {
  const { copy, root } = arrange(async () => archiveOf({ ".git/config": "the job's", "b/c": "c" }));
  expect(await copy.takeOut(["."], NEVER)).toMatchObject({ ok: true });
  expect(readdirSync(root).toSorted((a, b) => (a < b ? -1 : 1))).toEqual([".git", "b"]);
  expect(readFileSync(join(root, ".git/config"), "utf8")).toBe("own");
});

test("takeOut() refuses a path that a link leads out of the workspace", async () => {
  const { copy, root, outside } = arrange(async () => archiveOf({ x: "x" }));
  writeFileSync(join(outside, "x"), "kept");
  symlinkSync(outside, join(root, "link"));
  const taken = await copy.takeOut(["link/x"], NEVER);
  expect(taken).toMatchObject({ ok: false, error: { code: "engine_failed" } });
  expect(readFileSync(join(outside, "x"), "utf8")).toBe("kept");
});

test("takeOut() says that what the engine gave ends too early, and does not throw", async () => {
  const { copy } = arrange(async () => {
    const whole = await buffer(await archiveOf({ a: "a".repeat(100_000) }));
    return Readable.from([whole.subarray(0, 50_000)]);
  });
  expect(await copy.takeOut(["a"], NEVER)).toMatchObject({
    ok: false,
    error: {
      code: "engine_failed",
      message: expect.stringContaining('take "a" out of its container') as string,
    },
  });
});

test("both are cancelled when the job is being stopped", async () => {
  const { copy } = arrange(nothingThere);
  const error = { code: "cancelled" };
  expect(await copy.putIn(["a"], AbortSignal.abort())).toMatchObject({ ok: false, error });
  expect(await copy.takeOut(["a"], AbortSignal.abort())).toMatchObject({ ok: false, error });
});
