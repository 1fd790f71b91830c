import { definePart } from "@loom/tsup-config";

export default definePart({
  files: ["dockerignore", "dockerode", "tar"],
  // Of dockerode: ssh, and the login of builds by BuildKit, which the program does not use.
  unused: ["ssh2", "@grpc/grpc-js", "@grpc/proto-loader", "protobufjs"],
});
