import { definePart } from "@loom/tsup-config";

export default definePart({ files: ["nats"] });
