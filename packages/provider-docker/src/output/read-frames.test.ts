import fc from "fast-check";
import { expect, test } from "vitest";
import { readFrames } from "./read-frames.ts";

function frame(kind: number, bytes: Uint8Array): Buffer {
  const header = Buffer.alloc(8);
  header[0] = kind;
  header.writeUInt32BE(bytes.length, 4);
  return Buffer.concat([header, bytes]);
}

/** The same bytes, in chunks of these lengths over and over. */
async function* cut(bytes: Buffer, lengths: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (let turn = 0; at < bytes.length; turn += 1) {
    const length = lengths[turn % lengths.length] ?? 1;
    yield bytes.subarray(at, at + length);
    at += length;
    await Promise.resolve();
  }
}

test("readFrames() gives each output its bytes in order, however the connection cuts them", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 2 }), fc.uint8Array({ maxLength: 40 })), { maxLength: 12 }),
      fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 5 }),
      async (frames, lengths) => {
        const wire = Buffer.concat(frames.map(([kind, bytes]) => frame(kind, bytes)));
        const got: Record<string, Uint8Array[]> = { stdout: [], stderr: [] };
        await readFrames(
          cut(wire, lengths),
          (stream, bytes) => void got[stream]?.push(new Uint8Array(bytes)),
        );
        for (const [kind, name] of [
          [1, "stdout"],
          [2, "stderr"],
        ] as const)
          expect(Buffer.concat(got[name] ?? [])).toEqual(
            Buffer.concat(frames.filter(([each]) => each === kind).map(([, bytes]) => bytes)),
          );
      },
    ),
  );
});

test("readFrames() waits until a piece was taken", async () => {
  const wire = Buffer.concat([1, 2, 1].map((kind) => frame(kind, Buffer.from("x"))));
  let busy = 0;
  let most = 0;
  await readFrames(cut(wire, [3]), async () => {
    most = Math.max(most, (busy += 1));
    await new Promise((resolve) => setImmediate(resolve));
    busy -= 1;
  });
  expect(most).toBe(1);
});
