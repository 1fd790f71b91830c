import type { ReadError } from "@loom/artifacts";
import type { CacheErrorCode } from "@loom/cache";
import type { ErrorCode } from "@loom/core";
import type { DirectoryError } from "@loom/phase-validator/directory";
import type { OutputError } from "@loom/reporters";
import type { WorkflowProblemCode } from "@loom/workflow";
import type { WorkspaceErrorCode } from "@loom/workspace";
import { expectTypeOf, test } from "vitest";

test("ERROR_CODES has the codes of every package", () => {
  expectTypeOf<ReadError["code"]>().toExtend<ErrorCode>();
  expectTypeOf<CacheErrorCode>().toExtend<ErrorCode>();
  expectTypeOf<DirectoryError["code"]>().toExtend<ErrorCode>();
  expectTypeOf<OutputError["code"]>().toExtend<ErrorCode>();
  expectTypeOf<WorkflowProblemCode>().toExtend<ErrorCode>();
  expectTypeOf<WorkspaceErrorCode>().toExtend<ErrorCode>();
});
