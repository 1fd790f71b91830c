export { create, extract } from "tar";
