// Alone in its file, so that the screen can load it when it is needed.
export { changesOptions } from "@loom/diagnosis";
