#!/usr/bin/env bash
# A container engine for the tests: `test-engine.sh start docker FOLDER` (or podman) starts one of its own in FOLDER, imports a
# small image and prints the variables that tests read; `test-engine.sh stop docker FOLDER` ends it. Needs root, docker.io,
# busybox-static and, for podman, podman.
set -euo pipefail
action=$1
engine=$2
folder=$3
socket=$folder/engine.sock
image=loom-test/busybox:1

start_docker() {
  # Without rules of a firewall and a bridge: nothing of the machine changes, and containers have no network.
  setsid dockerd --iptables=false --ip6tables=false --bridge=none --storage-driver=vfs --host "unix://$socket" \
    --data-root "$folder/data" --exec-root "$folder/exec" --pidfile "$folder/pid" >"$folder/log" 2>&1 </dev/null &
}

start_podman() {
  # The usual limits may be above those of this machine, which not every root may raise.
  printf '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]\n' >"$folder/containers.conf"
  CONTAINERS_CONF=$folder/containers.conf setsid podman --storage-driver=vfs --root "$folder/data" --runroot "$folder/exec" \
    --cgroup-manager=cgroupfs --events-backend=file system service --time=0 "unix://$socket" >"$folder/log" 2>&1 </dev/null &
  echo $! >"$folder/pid"
}

make_image() {
  mkdir -p "$folder/root/bin" "$folder/root/tmp" "$folder/root/etc"
  cp "$(command -v busybox)" "$folder/root/bin/busybox"
  for name in $(busybox --list); do
    [[ $name == busybox ]] || ln -sf busybox "$folder/root/bin/$name"
  done
  echo "root:x:0:0:root:/:/bin/sh" >"$folder/root/etc/passwd"
  echo "an image of loom's tests" >"$folder/root/etc/loom-image"
  chmod 1777 "$folder/root/tmp"
  tar -C "$folder/root" -c . | docker --host "unix://$socket" import - "$image" >/dev/null
}

case $action in
start)
  mkdir -p "$folder"
  # Of one that was killed, if it is started again.
  rm -f "$folder/pid" "$folder/exec/containerd/containerd.pid"
  "start_$engine"
  for ((tries = 0; tries < 300; tries++)); do
    docker --host "unix://$socket" version >/dev/null 2>&1 && break
    sleep 0.1
  done
  make_image
  echo "LOOM_TEST_${engine^^}_HOST=unix://$socket"
  echo "LOOM_TEST_${engine^^}_IMAGE=$image"
  ;;
stop)
  if [[ -f $folder/pid ]]; then
    pid=$(cat "$folder/pid")
    kill "$pid" 2>/dev/null || true
    while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
  fi
  # A daemon that was killed has left its mount.
  while umount "$folder/data" 2>/dev/null; do :; done
  rm -rf "$folder"
  ;;
*)
  echo "test-engine.sh start|stop docker|podman FOLDER" >&2
  exit 2
  ;;
esac
