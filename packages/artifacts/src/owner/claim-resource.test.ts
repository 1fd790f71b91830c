import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { jobId, runIdentity } from "@loom/core";
import { currentProcess } from "@loom/system";
import { temporaryDirectory } from "@loom/testkit";
import { describe, expect, test } from "vitest";
import { claimResource } from "./claim-resource.ts";

const { runId } = runIdentity(1n);
const USER = { runId, jobId: jobId("one") };

/** A number that no process has: Linux gives out 4,194,304 at most. */
const NOBODY = 4_194_305;

function noteIn(root: string): string {
  return join(root, ".loom/.runtime/resources/port.json");
}

/** A project in which somebody has noted that the resource is theirs. */
function notedBy(text: string): string {
  const root = temporaryDirectory();
  mkdirSync(join(root, ".loom/.runtime/resources"), { recursive: true });
  writeFileSync(noteIn(root), text);
  return root;
}

function claimed(root: string): () => void {
  const claim = claimResource(root, "port", USER);
  if (!claim.ok || claim.value.kind !== "claimed") expect.fail(JSON.stringify(claim));
  return claim.value.release;
}

describe("claimResource()", () => {
  test("notes whose it is, until it is released", () => {
    const root = temporaryDirectory();
    const release = claimed(root);
    const note = { ...currentProcess(), run_id: runId, job_id: "one" };
    expect(JSON.parse(readFileSync(noteIn(root), "utf8"))).toEqual(note);
    expect(statSync(noteIn(root)).mode & 0o777).toBe(0o600);
    expect(claimResource(root, "port", { runId, jobId: jobId("two") })).toEqual({
      ok: true,
      value: {
        kind: "held",
        holder: `job "one" of run ${runId} (process ${process.pid})`,
        path: noteIn(root),
      },
    });
    expect(claimResource(root, "other", USER)).toMatchObject({ value: { kind: "claimed" } });
    release();
    release();
    expect(existsSync(noteIn(root))).toBe(false);
  });

  test("takes what a process had that has ended", () => {
    const release = claimed(notedBy(JSON.stringify({ ...currentProcess(), pid: NOBODY })));
    expect(release).not.toThrow();
  });

  test.each([
    [JSON.stringify({ ...currentProcess(), host: "another machine" }), `process ${process.pid}`],
    ["{", "somebody whose note cannot be read"],
  ])("leaves what may be somebody's: %j", (text, holder) => {
    const root = notedBy(text);
    expect(claimResource(root, "port", USER)).toMatchObject({ value: { kind: "held", holder } });
    expect(readFileSync(noteIn(root), "utf8")).toBe(text);
  });

  test("gives nothing up that is another's by now", () => {
    const root = temporaryDirectory();
    const release = claimed(root);
    writeFileSync(noteIn(root), "another's");
    release();
    expect(readFileSync(noteIn(root), "utf8")).toBe("another's");
  });

  test("says that it cannot be noted", () => {
    const root = temporaryDirectory();
    mkdirSync(join(root, ".loom/.runtime"), { recursive: true });
    writeFileSync(join(root, ".loom/.runtime/resources"), "");
    expect(claimResource(root, "port", USER)).toMatchObject({ error: { code: "ARTIFACTS_WRITE_FAILED" } });
  });
});
