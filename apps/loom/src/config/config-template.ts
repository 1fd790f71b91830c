/** What `loom config init` writes: every setting, explained. */
export const CONFIG_TEMPLATE: string = `# Settings of Loom. The file of a project is .loom/config.yml; yours, for all projects, is ~/.config/loom/config.yml.
# A flag beats the environment, that beats the project's file, and that beats yours. "loom config show" tells what counts.

runtime:
  # Where jobs work: "isolated", in a snapshot of the checkout, or "in-place", in the checkout itself.
  # The same for one run: loom run --in-place, or LOOM_IN_PLACE=1.
  workspace: isolated
  # How a job in a container sees its workspace: "ephemeral_volume", a copy in a volume of its own that is removed with the
  # job, or "bind_mount", mounted, so that what it writes is in the workspace at once.
  # The same for one run: loom run --docker-workspace-mount, or LOOM_DOCKER_WORKSPACE_MOUNT.
  docker_workspace_mount: ephemeral_volume

# Where workers on other machines are reached. Without it every job runs here. The whole of it comes from one file. Passwords and tokens stand in
# no file, but in LOOM_ENGINE_PASSWORD and LOOM_ENGINE_TOKEN.
# engine:
#   # One or more servers, with commas. The same for one command: --engine, or LOOM_ENGINE.
#   url: nats://10.0.0.1
#   # Whom the server lets in: a user, or a file with credentials. The same: LOOM_ENGINE_USER, LOOM_ENGINE_CREDENTIALS.
#   user: coordinator
#   credentials_file: loom.creds
#   # Certificates in PEM, where the system does not know that of the server, or the server asks for one.
#   ca_file: ca.pem
#   cert_file: cert.pem
#   key_file: key.pem
#   # How many of the servers keep each thing: 1, 3 or 5.
#   replicas: 1
#   # How long nothing may be heard of a worker before its jobs begin elsewhere: 1s or more.
#   lease: 30s
#   # Whether "env://" in secrets of jobs on workers means the environment of "loom run", not that of the worker.
#   forward_secrets: false
#   # Begins the subjects on which answers come. By itself: _INBOX and the name of the user.
#   inbox_prefix: _INBOX.coordinator

# Only in your own file: other keys for commands of the live view, by the names in docs/terminal.md#keys.
# tui:
#   keys:
#     rerun: R
#     page_down: [ctrl-f, pagedown]
`;
