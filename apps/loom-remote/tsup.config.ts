import { definePart } from "@loom/tsup-config";

export default definePart({ files: ["jetstream", "kv", "obj", "transport-node"] });
