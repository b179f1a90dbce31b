#!/bin/sh
# Wallets of other makes, whose versions are pinned here, present to the verifier. What it
# needs is installed under target/.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
target="${CARGO_TARGET_DIR:-$root/target}"
work="$target/interop-verifier"
mkdir -p "$work"
cd "$root"
cargo build --locked -q -p verifier
cp "$here"/package*.json "$here"/*.mjs "$work/"
(cd "$work" && npm ci --ignore-scripts --silent --no-audit --no-fund)
node "$work/openid4vp.mjs" "$target/debug/verifier"
node "$work/microsoft.mjs" "$target/debug/verifier"
