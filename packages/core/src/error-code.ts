/**
 * Every error code that Loom itself writes or returns to its users, with what it means.
 *
 * Lower case says how a step, a job or the run ended: the unit whose record or
 * document has the code. Upper case, `<AREA>_<WHAT>`, says why a part of Loom
 * could not do something. A code is public: one that is renamed or gets another
 * meaning is a breaking change. `docs/error-codes.md` is made from this table.
 */
export const ERROR_CODES = {
  exit_code: "A step ended with an exit code other than 0",
  signal: "A signal ended a step",
  out_of_memory: "The container of the job had no memory left, so the system killed the step",
  timeout: "The job, or one of its steps, ran longer than its limit",
  cancelled: "The run was cancelled",
  job_cancelled: "Somebody asked for this job to be cancelled",
  interrupted: "Loom itself was killed, and the evidence was closed later",
  shell_not_found: "The shell of a step does not exist",
  step_not_permitted: "The shell of a step may not be run",
  step_too_large: "The command or the environment of a step is too long for the system",
  step_not_started: "A step could not be started for any other reason",
  workspace_missing: "The folder of the job, or of a step, does not exist or cannot be entered",
  transfer_failed: "Files could not be brought to, or back from, the machine that carries the job out",
  machine_exhausted: "The machine has no process, file or memory left for a step, or for a part of Loom",
  processes_left: "A process that the job started could not be ended",
  worker_lost: "What carried out an attempt at the job died, or was cut off",
  provider_unavailable:
    "The job needs what nothing here can give it: services without an image, or a provider that is missing",
  engine_unreachable: "The container engine is not there, or does not answer",
  engine_failed: "The container engine refused something, for a reason that its message gives",
  engine_no_space: "The container engine has no space left",
  image_not_found: "There is no such container image",
  image_pull_denied: "A registry does not let this user have a container image",
  image_build_failed: "A container image could not be built",
  service_not_ready: "A service of the job did not come up, or not in time",
  image_not_executable: "A container image is for machines of another kind",
  base_not_found: "There is no such commit to count changes from (`--base`), or nothing in common with it",
  git_refused: "The rules of the workflow ask for the commit, but git refuses to read this repository",
  internal: "A bug in Loom",
  unknown: "The record names no cause",

  ARTIFACTS_AMBIGUOUS_RUN: "More than one run matches what was asked for",
  ARTIFACTS_DAMAGED: "The archive of a job's artifacts differs from what was written",
  ARTIFACTS_INVALID_DOCUMENT: "A document of a run is damaged",
  ARTIFACTS_IO: "The system failed to read or write artifacts; the message says how",
  ARTIFACTS_NOT_FOUND: "A run, or something in it, does not exist",
  ARTIFACTS_NOT_PERMITTED: "A file of the artifacts may not be read or written",
  ARTIFACTS_NO_SPACE: "The disk or its quota is full, so artifacts cannot be written",
  ARTIFACTS_OUTSIDE_RUN: "A path in a document leads out of its run",
  ARTIFACTS_READ_FAILED: "The system refused to read evidence",
  ARTIFACTS_REFUSED_PLACE: "The place for evidence is a link, or belongs to another user",
  ARTIFACTS_REMOVED: "The evidence was removed during the run",
  ARTIFACTS_REMOVE_FAILED: "A run could not be removed",
  ARTIFACTS_SOURCE_CHANGED: "A file changed while it was being collected as an artifact",
  ARTIFACTS_WRITE_FAILED: "Evidence could not be written",
  CACHE_CANCELLED: "The run was cancelled while a cache was being restored or saved",
  CACHE_DAMAGED: "An archive differs from what was written",
  CACHE_IO: "The system failed to read or write a cache; the message says how",
  CACHE_NOT_PERMITTED: "A file of a cache may not be read or written",
  CACHE_NO_SPACE: "The disk or its quota is full, so a cache cannot be written",
  CACHE_SOURCE_CHANGED: "A file changed while it was being put into an archive",
  CLI_CONTRADICTING_OUTPUTS: "Two flags ask for different outputs, or would write to the same place",
  CLI_INVALID_REPORTER: "`--reporter` does not accept this value",
  CLI_NO_TERMINAL: "The live view was requested, but there is no terminal to show it in",
  CLI_UNKNOWN_LOOK: "A setting for how the output looks has an unknown value",
  CLI_UNKNOWN_OUTPUT: "`LOOM_OUTPUT` names an unknown output",
  CONFIG_INVALID: "A setting or the configuration file is not valid",
  FLAGS_EXCLUDE: "Two flags exclude each other",
  JOB_ENGINE_UNREACHABLE: "The engine that brings jobs to workers cannot be reached, or lets nobody in",
  JOB_NOT_FOUND: "The workflow has no job of that name",
  REPORTER_NOT_FOUND: "There is no such reporter, or its module cannot be used",
  RESUME_REFUSED: "The run cannot be taken up; the message says why",
  RETRY_NOTHING_FAILED: "Every job of the run to retry succeeded",
  RETRY_REFUSED: "The results of the run to retry cannot be kept; the message says why",
  RUN_ALIVE: "The run still belongs to a process that is running",
  RUN_INVALID: "The folder is not a run's folder",
  RUN_NOT_FOUND: "The folder of the run does not exist",
  RUN_NOT_REPLAYABLE: "The records of the run contradict the lifecycle, so it cannot be closed",
  RUN_OWNER_UNKNOWN: "Loom cannot tell from here whether the process of the run is still running",
  RUN_NOT_RESUMABLE: "The run cannot be taken up again; the message says why",
  RUN_UNREADABLE: "The system refused to read the folder of the run",
  SECRETS_EXISTS: "A secret, or the database for it, is there already, and Loom does not write over it",
  SECRETS_IO:
    "The file of a secret, or a database of them, cannot be written or removed; the message says why",
  SECRETS_PROVIDER_UNAVAILABLE:
    "Nothing can look up a reference to a secret: its scheme is unknown here, or its source cannot be asked",
  SECRETS_REF_INVALID:
    "A reference to a secret cannot mean anything, or leads to a value that cannot be used as one",
  SECRETS_REF_NOT_FOUND: "There is no secret behind a reference",
  SECRETS_REQUIRED_MISSING: "A secret that a job requires does not exist",
  SECRETS_UNSAFE_DEBUG_TRACE: "`CI_DEBUG_TRACE=true` would print a secret that is in a variable",
  VARIABLE_CYCLE: "Variables of a job refer to each other in a circle, or become too long",
  WF_SCHEMA_V1: "The file is valid YAML, but not a valid workflow",
  WF_YAML: "The workflow is not valid YAML",
  WORKFLOW_NOT_FOUND: "The workflow file does not exist or cannot be read",
  WORKSPACE_CACHE_INSIDE_SOURCE: "The folder for snapshots is inside what would be copied",
  WORKSPACE_CANCELLED: "The run was cancelled while its workspace was being made",
  WORKSPACE_CONFLICT: "A staged file is in conflict",
  WORKSPACE_EXISTS: "The run already has a workspace",
  WORKSPACE_GIT_FAILED: "Git failed; the message has its output",
  WORKSPACE_GIT_MISSING: "The folder belongs to a git repository, but git is not installed",
  WORKSPACE_GIT_TOO_OLD: "The installed git is too old",
  WORKSPACE_GONE: "The snapshot to go on in was removed",
  WORKSPACE_IN_USE: "A run works in the snapshot to go on in",
  WORKSPACE_IO_FAILED: "The system failed to read or write a workspace; the message says how",
  WORKSPACE_NOTHING_STAGED: "`--staged` was used outside a git repository",
  WORKSPACE_NOT_PERMITTED: "A file of a workspace may not be read or written",
  WORKSPACE_NO_SPACE: "The disk or its quota is full, so a workspace cannot be made",
  WORKSPACE_SOURCE_MISSING: "The folder to copy does not exist",
} as const;

/** An error code of Loom itself. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** An error code that is not in this version's table. */
export type ForeignCode = string & { readonly __brand: "ForeignCode" };

/**
 * Takes an error code that comes from elsewhere: from evidence that another
 * version of Loom wrote, or from a provider of your own.
 */
export function errorCode(code: string): ErrorCode | ForeignCode {
  return code as ErrorCode | ForeignCode;
}
