import { expect, test } from "vitest";
import { AfterTold, type ToldStream } from "./after-told.ts";

const NOTHING: ToldStream = { lines: 0, bytes: 0 };

/** What comes of a text that is cut into chunks of so many bytes. */
function rest(text: string, stdout: ToldStream, chunkBytes: number): string {
  let written = "";
  const sink = new AfterTold(
    {
      write: (stream, chunk) => {
        written += `${stream === "stderr" ? "!" : ""}${Buffer.from(chunk).toString()}`;
        return undefined;
      },
    },
    { stdout, stderr: NOTHING },
  );
  const bytes = Buffer.from(text);
  for (let from = 0; from < bytes.length; from += chunkBytes)
    void sink.write("stdout", bytes.subarray(from, from + chunkBytes));
  return written;
}

test("write() hands on what follows the lines and the bytes that are recorded, however it comes", () => {
  for (const chunkBytes of [1, 2, 3, 100]) {
    expect(rest("one\ntwo\nthree\n", NOTHING, chunkBytes)).toBe("one\ntwo\nthree\n");
    expect(rest("one\ntwo\nthree\n", { lines: 2, bytes: 0 }, chunkBytes)).toBe("three\n");
    expect(rest("one\ntwo\nthree\n", { lines: 2, bytes: 2 }, chunkBytes)).toBe("ree\n");
    expect(rest("one\ntwo\nthree\n", { lines: 3, bytes: 0 }, chunkBytes)).toBe("");
    expect(rest("one\n\n\nfour", { lines: 2, bytes: 0 }, chunkBytes)).toBe("\nfour");
  }
});

test("write() counts each of the two outputs by itself", () => {
  const written: string[] = [];
  const sink = new AfterTold(
    {
      write: (stream, chunk) => {
        written.push(`${stream} ${Buffer.from(chunk).toString()}`);
        return Promise.resolve();
      },
    },
    { stdout: { lines: 1, bytes: 0 }, stderr: { lines: 0, bytes: 1 } },
  );
  expect(sink.write("stdout", Buffer.from("a\n"))).toBeUndefined();
  expect(sink.write("stderr", Buffer.from("bc\n"))).toBeInstanceOf(Promise);
  void sink.write("stdout", Buffer.from("d\n"));
  expect(written).toEqual(["stderr c\n", "stdout d\n"]);
});
