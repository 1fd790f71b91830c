export { default } from "@balena/dockerignore";
