#!/bin/sh
# What an issuing trust does, on this machine: issues, revokes, publishes, and offers a credential to
# a wallet. It needs curl, and leaves nothing behind.
set -eu
cd "$(dirname "$0")"
command -v curl >/dev/null || { echo 'this demonstration needs curl' >&2; exit 1; }
issuer="${ISSUER:-cargo run -q -p issuer --}"
work=$(mktemp -d)
port="${PORT:-8090}"
origin="http://127.0.0.1:$port"
run() { $issuer "$@" --data-dir "$work/data" --public-url "$origin" --allow-loopback-http; }
trap 'kill "$server" 2>/dev/null; rm -r "$work"' EXIT

echo "== The trust is served"
$issuer serve --listen "127.0.0.1:$port" --data-dir "$work/data" --public-url "$origin" \
    --allow-loopback-http &
server=$!
until curl -sf "$origin/.well-known/did.json" -o "$work/did.json"; do kill -0 "$server"; sleep 0.2; done
cat "$work/did.json"; echo

echo "== Credentials from a CSV file, of which line 4 is wrong"
run issue --csv demo/staff.csv > "$work/issued.jsonl" || true
cut -c 1-72 "$work/issued.jsonl"

echo "== One of them is revoked"
id=$(sed -n '1s/.*"id":"\([^"]*\)".*/\1/p' "$work/issued.jsonl")
run revoke "$id" --reason "left the trust"
run status "$id"

echo "== The lists that verifiers read"
curl -sf "$origin/status/revocation" | cut -c 1-72
curl -sf "$origin/status/tokens" | cut -c 1-72

echo "== An offer, and what a wallet does with it (up to the proof of its key)"
run offer --kind training --claims demo/training.json > "$work/link" 2> "$work/told"
cat "$work/link" "$work/told"
digits=$(sed -n 's/.*channel: //p' "$work/told")
code=$(sed 's/.*offers%2F//' "$work/link")
curl -sf "$origin/offers/$code"; echo
curl -s "$origin/token" -d "pre-authorized_code=$code" -d "tx_code=$digits" \
    -d "grant_type=urn:ietf:params:oauth:grant-type:pre-authorized_code" | cut -c 1-72
curl -sf -X POST "$origin/nonce"; echo
