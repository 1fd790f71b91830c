import { PassThrough } from "node:stream";
import Docker from "dockerode";
import { expect, test } from "vitest";
import { followMessages } from "./follow-messages.ts";

test.each([
  ["nothing has failed", '{"status":"a"}\r\n{"status":"b"}\n', ["a", "b"], undefined],
  ["something has failed", '{"status":"a"}\n{"error":"no space left"}\n', ["a"], "no space left"],
])("followMessages() gives every message and says when %s", async (_, wire, given, failure) => {
  const stream = new PassThrough();
  const taken: string[] = [];
  const followed = followMessages<{ status: string }>(new Docker(), stream, ({ status }) =>
    taken.push(status),
  );
  for (const byte of Buffer.from(wire)) stream.write(Uint8Array.of(byte));
  stream.end();
  expect(await followed).toBe(failure);
  expect(taken).toEqual(given);
});

test("followMessages() rejects when the connection is lost", async () => {
  const stream = new PassThrough();
  const followed = followMessages(new Docker(), stream, () => undefined);
  stream.destroy(new Error("lost"));
  await expect(followed).rejects.toThrow("lost");
});
