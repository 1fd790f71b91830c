export { default } from "dockerode";
