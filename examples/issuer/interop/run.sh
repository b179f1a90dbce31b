#!/bin/sh
# A wallet of another make, whose version is pinned here, receives credentials from the issuer. What it
# needs is installed under target/.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
target="${CARGO_TARGET_DIR:-$root/target}"
work="$target/interop-issuer"
mkdir -p "$work"
cd "$root"
cargo build --locked -q -p issuer
cp "$here/package.json" "$here/package-lock.json" "$here/wallet.mjs" "$work/"
(cd "$work" && npm ci --ignore-scripts --silent --no-audit --no-fund)
node "$work/wallet.mjs" "$target/debug/issuer" "$here/../demo/training.json"
