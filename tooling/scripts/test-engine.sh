#!/usr/bin/env bash
# A container engine for the tests: `test-engine.sh start FOLDER` starts one of its own in FOLDER, imports a small image and
# prints the variables that tests read; `test-engine.sh stop FOLDER` ends it. Needs root, docker.io and busybox-static.
set -euo pipefail
folder=$2
socket=$folder/docker.sock
image=loom-test/busybox:1

case $1 in
start)
  mkdir -p "$folder/root/bin" "$folder/root/tmp" "$folder/root/etc"
  # Without rules of a firewall and a bridge: nothing of the machine changes, and containers have no network.
  setsid dockerd --iptables=false --ip6tables=false --bridge=none --storage-driver=vfs --host "unix://$socket" \
    --data-root "$folder/data" --exec-root "$folder/exec" --pidfile "$folder/pid" >"$folder/log" 2>&1 </dev/null &
  for ((tries = 0; tries < 300; tries++)); do
    docker --host "unix://$socket" version >/dev/null 2>&1 && break
    sleep 0.1
  done
  cp "$(command -v busybox)" "$folder/root/bin/busybox"
  for name in $(busybox --list); do
    [[ $name == busybox ]] || ln -sf busybox "$folder/root/bin/$name"
  done
  echo "root:x:0:0:root:/:/bin/sh" >"$folder/root/etc/passwd"
  echo "an image of loom's tests" >"$folder/root/etc/loom-image"
  chmod 1777 "$folder/root/tmp"
  tar -C "$folder/root" -c . | docker --host "unix://$socket" import - "$image" >/dev/null
  echo "LOOM_TEST_DOCKER_HOST=unix://$socket"
  echo "LOOM_TEST_DOCKER_IMAGE=$image"
  ;;
stop)
  if [[ -f $folder/pid ]]; then
    pid=$(cat "$folder/pid")
    kill "$pid"
    while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
  fi
  rm -rf "$folder"
  ;;
*)
  echo "test-engine.sh start FOLDER | stop FOLDER" >&2
  exit 2
  ;;
esac
