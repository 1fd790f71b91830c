import { expect, test } from "vitest";
import { ByteBuffer } from "../codec/byte-buffer.ts";
import { BufferPool } from "./buffer-pool.ts";

/** Whether a pool keeps a buffer that holds so many bytes. */
function keeps(bytes: number): boolean {
  const pool = new BufferPool();
  const buffer = new ByteBuffer();
  buffer.reserve(bytes);
  pool.release(buffer);
  return pool.take() === buffer;
}

test("a pool hands out again what it was given back, empty", () => {
  const pool = new BufferPool();
  const buffer = pool.take();
  buffer.appendText("what was written");
  pool.release(buffer);
  const again = pool.take();
  expect([again === buffer, again.length]).toEqual([true, 0]);
});

test("a pool hands each buffer to one stream at a time", () => {
  const pool = new BufferPool();
  pool.release(new ByteBuffer());
  expect(pool.take()).not.toBe(pool.take());
});

test.each([
  { bytes: 1, kept: true },
  { bytes: 1024 * 1024, kept: true },
  { bytes: 1024 * 1024 + 1, kept: false },
])("whether a pool keeps a buffer that has room for $bytes bytes: $kept", ({ bytes, kept }) => {
  expect(keeps(bytes)).toBe(kept);
});

test("a pool keeps sixteen buffers, however many come back at once", () => {
  const pool = new BufferPool();
  const given = Array.from({ length: 20 }, () => new ByteBuffer());
  for (const buffer of given) pool.release(buffer);
  const taken = given.map(() => pool.take());
  expect(taken.filter((buffer) => given.includes(buffer)).length).toBe(16);
});
