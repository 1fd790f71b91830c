// What a server that was just started does not need: loaded with the first call that does.
export { runLocal } from "../run/run-local.ts";
