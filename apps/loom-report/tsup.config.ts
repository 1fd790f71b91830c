import { definePart, embedPage } from "@loom/tsup-config";

export default definePart({ files: ["page-bundle"], plugins: [embedPage()] });
