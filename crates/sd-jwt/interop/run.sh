#!/bin/sh
# Holds this crate against two other implementations of SD-JWT, whose versions are pinned here. What
# they need is installed under target/.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
target="${CARGO_TARGET_DIR:-$root/target}"
work="$target/interop-sd-jwt"
mkdir -p "$work"
cd "$root"
cargo build --locked -q -p staffpass-sd-jwt --example interop
ours="$target/debug/examples/interop"

[ -x "$work/venv/bin/python" ] || python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q -r "$here/requirements.txt"
"$work/venv/bin/python" "$here/python.py" "$ours"

cp "$here/package.json" "$here/package-lock.json" "$here/node.mjs" "$work/"
(cd "$work" && npm ci --ignore-scripts --silent --no-audit --no-fund)
node "$work/node.mjs" "$ours"
