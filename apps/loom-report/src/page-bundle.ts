export { loadPage } from "@loom/html-report/page-bundle";
