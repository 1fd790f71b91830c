/** Mode of every directory of a run: evidence may hold what only its owner should read. */
export const DIRECTORY_MODE = 0o700;

/** Mode of every file of a run. */
export const FILE_MODE = 0o600;
