import { chmodSync, readFileSync, realpathSync, renameSync, statSync, writeFileSync } from "node:fs";
import { err, ok, type Result } from "@loom/core";
import {
  placeFile,
  removeFile,
  replaceFile,
  systemErrorOf,
  systemErrorReason,
  type FileCalls,
} from "@loom/system";
import type { SecretError } from "../secret-error.ts";
import type { ConfiguredKdbx } from "./open-configured-database.ts";

/**
 * Puts the file of a new database in its place, for its owner only, unless there is one already.
 *
 * @returns `SECRETS_EXISTS` when there is a file, `SECRETS_IO` when it cannot be written.
 */
export function placeKeepassFile(path: string, bytes: Uint8Array): Result<undefined, SecretError> {
  try {
    return placeFile(path, bytes) ? ok(undefined) : keepassFileExists(path);
  } catch (cause) {
    return notWritten(path, cause);
  }
}

/** The refusal to write over a file. */
export function keepassFileExists(path: string): Result<never, SecretError> {
  return err({
    code: "SECRETS_EXISTS",
    message: `Cannot make the KeePass database "${path}": there is a file already, which stays as it is. Move it away, or name another path`,
  });
}

/**
 * Replaces the file of a database, whole or not at all: with its mode, on the disk before it takes the place of the old
 * one, and where a link leads. A change that somebody else saved meanwhile stays.
 *
 * @returns `SECRETS_IO` when that is not possible; then the old file is as it was.
 */
export function replaceKeepassFile(
  { path, bytes: read }: Pick<ConfiguredKdbx, "path" | "bytes">,
  bytes: Uint8Array,
): Result<undefined, SecretError> {
  try {
    const target = realpathSync(path);
    const mode = statSync(target).mode & 0o777;
    let isOurs = true;
    const calls: FileCalls = {
      writeFile: (temporary, contents) => {
        writeFileSync(temporary, contents, { mode: 0o600, flush: true });
        chmodSync(temporary, mode);
      },
      rename: (temporary, to) => {
        isOurs = readFileSync(to).equals(read);
        if (isOurs) renameSync(temporary, to);
        else removeFile(temporary);
      },
      remove: removeFile,
    };
    replaceFile(target, bytes, calls);
    if (isOurs) return ok(undefined);
  } catch (cause) {
    return notWritten(path, cause);
  }
  return err({
    code: "SECRETS_IO",
    message: `Cannot write the KeePass database "${path}": another program changed it meanwhile. It stays as that left it: try again`,
  });
}

/** What would be written is not what is meant; nothing was touched. */
export function notTheSame(path: string): Result<never, SecretError> {
  return err({
    code: "SECRETS_IO",
    message: `Cannot write the KeePass database "${path}": its new file would not hold all that it has to. Nothing was changed: use KeePassXC`,
  });
}

function notWritten(path: string, cause: unknown): Result<never, SecretError> {
  const reason = systemErrorReason(systemErrorOf(cause));
  return err({
    code: "SECRETS_IO",
    message: `Cannot write the KeePass database "${path}": ${reason}. Nothing was changed`,
  });
}
