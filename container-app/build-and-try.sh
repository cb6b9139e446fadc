#!/usr/bin/env bash
# Builds the worker's image (the CPU variant of the real Dockerfile) without a Docker daemon, and runs one job through it.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: container-app/build-and-try.sh [--node-image IMAGE] [--base IMAGE] [--help]

Builds the CPU variant of container-app/Dockerfile with buildah, runs its worker as a container would be run (first
process of its own namespace, not root, read-only file system) against the storage emulator, sends one job through it,
and prints sizes and times. Everything that it makes is in one temporary folder, which is removed at the end.

  --node-image IMAGE  what the Dockerfile builds on; the default is made here, with the Node of this repository
  --base IMAGE        what the Dockerfile's last stages begin with; the default is made here, a minimal Debian bookworm

Both defaults need no registry, only Debian's packages and npm's. Needs Linux on x64, root, buildah, debootstrap and
util-linux, and `npm ci` to have run. Takes some minutes and 3 GB in TMPDIR.
TEXT
}

node_image=
base=
while [ $# -gt 0 ]; do
  case $1 in
    --node-image) node_image=${2:?expected an image, for --node-image}; shift 2 ;;
    --base) base=${2:?expected an image, for --base}; shift 2 ;;
    --help | -h) usage; exit 0 ;;
    *) echo "Expected an option that --help names, received $1" >&2; exit 2 ;;
  esac
done

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
node=$root/node_modules/node/bin/node
for tool in buildah debootstrap unshare npm "$node"; do
  command -v "$tool" >/dev/null || { echo "Expected $tool, for building the image, found none" >&2; exit 1; }
done
[ "$(id -u)" = 0 ] || { echo 'Expected to be root, for mounts and for chroot, received another user' >&2; exit 1; }

work=$(mktemp -d "${TMPDIR:-/tmp}/impasto-build.XXXXXX")
export BUILDAH_ISOLATION=chroot BUILDAH_FORMAT=docker
# Nothing of it is shared with another buildah on this machine, so that removing the folder removes all. The driver asks
# for nothing that a container in which this may run does not allow.
images() { buildah --storage-driver vfs --root "$work/storage" --runroot "$work/run" "$@"; }
clean() {
  images umount --all >/dev/null 2>&1 || true
  images rm --all >/dev/null 2>&1 || true
  rm -rf --one-file-system "$work"
}
trap clean EXIT
trap 'exit 130' INT TERM

say() { printf '\n== %s\n' "$*"; }
bytes() { du --apparent-size --summarize --block-size=1M "$1" | cut -f1; }

# A minimal Debian, for where debian:bookworm-slim cannot be pulled.
make_base() {
  debootstrap --variant=minbase bookworm "$work/debian" >"$work/debootstrap.log" ||
    { tail -20 "$work/debootstrap.log" >&2; return 1; }
  rm -rf "$work"/debian/var/cache/apt/* "$work"/debian/var/lib/apt/lists/* \
    "$work"/debian/usr/share/{doc,man,locale}/*
  local container
  container=$(images from scratch)
  images add --quiet "$container" "$work/debian" / >/dev/null
  images commit --quiet --rm "$container" impasto-try/debian >/dev/null
}

# The same with Node and npm, for where the official image cannot be pulled.
make_node_image() {
  local container npm
  npm=$(npm root --global)/npm
  container=$(images from impasto-try/debian)
  images copy --quiet "$container" "$node" /usr/local/bin/node >/dev/null
  images copy --quiet "$container" "$npm" /usr/local/lib/node_modules/npm >/dev/null
  images run "$container" ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
  if [ -n "${NODE_EXTRA_CA_CERTS:-}" ]; then
    images copy --quiet "$container" "$NODE_EXTRA_CA_CERTS" /usr/local/share/extra-ca.pem >/dev/null
    images config --env NODE_EXTRA_CA_CERTS=/usr/local/share/extra-ca.pem "$container"
  fi
  images commit --quiet --rm "$container" impasto-try/node >/dev/null
}

if [ -z "$base" ] || [ -z "$node_image" ]; then
  say 'A minimal Debian'
  make_base
fi
if [ -z "$node_image" ]; then
  say 'The same with Node and npm'
  make_node_image
fi

say 'The image, by container-app/Dockerfile'
started=$SECONDS
images build --network host --build-arg VARIANT=cpu \
  --build-arg NODE_IMAGE="${node_image:-localhost/impasto-try/node}" \
  --build-arg CPU_BASE="${base:-localhost/impasto-try/debian}" \
  --build-arg REVISION="$(git -C "$root" rev-parse --short HEAD 2>/dev/null || echo unknown)" \
  --tag impasto-worker --file "$root/container-app/Dockerfile" "$root" >"$work/build.log" 2>&1 ||
  { tail -40 "$work/build.log" >&2; echo 'Expected an image, from container-app/Dockerfile: see above' >&2; exit 1; }
grep -E 'STEP [0-9/]+: (FROM|RUN)|^ready' "$work/build.log"
echo "built in $((SECONDS - started)) s"

say 'Sizes'
container=$(images from impasto-worker)
files=$(images mount "$container")
images push --quiet impasto-worker "dir:$work/pushed" >/dev/null
printf '%-28s %6s MB\n' \
  'unpacked, all' "$(bytes "$files")" \
  '  node' "$(bytes "$files/usr/local/bin/node")" \
  '  packages with native code' "$(bytes "$files/app/node_modules")" \
  '  the bundled worker' "$(bytes "$files/app/worker")" \
  '  models' "$(bytes "$files/app/models")" \
  'as it is pulled, compressed' "$(bytes "$work/pushed")"

say 'One job through it'
images inspect --type image impasto-worker >"$work/image.json"
"$node" "$root/container-app/try-image.ts" "$files" "$work/image.json"
