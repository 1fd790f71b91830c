import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";

/**
 * Reads a whole file, and nothing that is none: see {@link openRegularFile}.
 *
 * @throws As that does.
 */
export async function readRegularFile(path: string): Promise<Buffer> {
  const file = await openRegularFile(path);
  try {
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/**
 * Opens a file for reading, and nothing else: a named pipe, a socket or a
 * device in its place would have its reader wait for ever.
 *
 * @throws The operating system's error; one with the code `EISDIR` for a folder, and `EFTYPE` for what is no file either.
 */
export async function openRegularFile(path: string): Promise<FileHandle> {
  // Opening a pipe that nobody writes to waits, unless it is opened so.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const facts = await file.stat();
  if (facts.isFile()) return file;
  await file.close();
  const code = facts.isDirectory() ? "EISDIR" : "EFTYPE";
  throw Object.assign(new Error(`${code}: not a regular file, open '${path}'`), {
    code,
    path,
    syscall: "open",
  });
}
