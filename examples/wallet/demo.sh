#!/bin/sh
# A wallet from its first day on, on this machine: an issuer hands it credentials in both formats, a verifier
# asks in both dialects, and the wallet shows what was chosen and no more. It needs curl, and leaves
# nothing behind.
set -eu
command -v curl >/dev/null || { echo 'this demonstration needs curl' >&2; exit 1; }
cd "$(dirname "$0")"
if [ -z "${BIN:-}" ]; then
    cargo build -q -p issuer -p verifier -p wallet
    BIN="${CARGO_TARGET_DIR:-../../target}/debug"
fi
work=$(mktemp -d)
issuer="http://localhost:${ISSUER_PORT:-8091}"
verifier="http://localhost:${VERIFIER_PORT:-8092}"
export WALLET_PASSPHRASE="correct horse battery staple"
trap 'kill $running 2>/dev/null || true; rm -r "$work"' EXIT
running=

issuer() { "$BIN/issuer" "$@" --data-dir "$work/issuer" --public-url "$issuer" --allow-loopback-http; }
wallet() { "$BIN/wallet" --file "$work/wallet.age" "$@"; }
serves() { until curl -sf "$1/.well-known/did.json" >/dev/null; do kill -0 $running; sleep 0.2; done; }

echo "== An issuing trust, and a verifier that believes it about staff credentials"
"$BIN/issuer" serve --listen "127.0.0.1:${issuer##*:}" --data-dir "$work/issuer" --public-url "$issuer" \
    --allow-loopback-http &
running=$!
serves "$issuer"
cat > "$work/policy.toml" <<POLICY
[[issuer]]
id = "did:web:localhost%3A${issuer##*:}"
may_assert = [
    "StaffIdentity", "StaffEmployment", "StaffTraining", "urn:example:staff-passport:identity:1",
]
POLICY
"$BIN/verifier" --policy "$work/policy.toml" --listen "127.0.0.1:${verifier##*:}" --public-url "$verifier" \
    --data-dir "$work/verifier" --client-name "Northfield NHS Trust (fictional)" --allow-loopback-http &
running="$running $!"
serves "$verifier"

echo "== A new wallet"
wallet init | cut -c 1-72

# receive KIND FORMAT KEY: the link goes to the wallet, the code to the person by another channel.
receive() {
    issuer offer --kind "$1" --claims "demo/$1.json" --format "$2" >"$work/link" 2>"$work/told"
    digits=$(sed -n 's/.*channel: //p' "$work/told")
    wallet receive "$(cat "$work/link")" --issuer "$issuer" --tx-code "$digits" --key "$3" \
        --allow-loopback-http
}
echo "== Credentials over OpenID4VCI, in both formats to both of the wallet's keys"
receive identity dc+sd-jwt jwk
receive identity dc+sd-jwt ion
receive employment jwt_vc_json jwk
receive training jwt_vc_json ion
wallet list

# ask REQUEST: what the verifier is asked for by its portal; leaves the link and the id.
ask() {
    curl -sf "$verifier/requests" -H 'content-type: application/json' -d "$1" >"$work/asked"
    link=$(sed 's/.*"link":"\([^"]*\)".*/\1/' "$work/asked")
    id=$(sed 's/.*"id":"\([^"]*\)".*/\1/' "$work/asked")
}
answer() {
    wallet present "$link" --allow-loopback-http "$@"
    curl -sf "$verifier/requests/$id" >"$work/result"
    echo "The verifier says: $(sed 's/.*"status":"\([^"]*\)".*/\1/' "$work/result")"
}
verified() { grep -q '"status":"verified"' "$work/result"; }

echo "== OpenID4VP, an SD-JWT VC, encrypted: one claim leaves, of whichever of the two the person chooses"
for number in 1 2; do
    ask '{ "dialect": "openid4vp", "format": "dc+sd-jwt", "response_mode": "direct_post.jwt", "credentials":
           [{ "id": "identity", "vct": "urn:example:staff-passport:identity:1", "claims": ["family_name"] }] }'
    answer --yes --choose identity=$number
    verified
done

echo "== OpenID4VP, a VC-JWT, which cannot hide a claim"
ask '{ "dialect": "openid4vp", "credentials":
       [{ "id": "job", "type": "StaffEmployment", "claims": ["job_title"] }] }'
answer --yes
verified

echo "== The JWT VC Presentation Profile, as Microsoft Authenticator speaks it, with the did:ion key"
ask '{ "dialect": "microsoft", "credentials":
       [{ "id": "training", "type": "StaffTraining", "claims": ["subject"] }] }'
answer --yes
verified

echo "== The same again, and the person says no"
ask '{ "dialect": "openid4vp", "credentials":
       [{ "id": "job", "type": "StaffEmployment", "claims": ["job_title"] }] }'
answer --decline
if verified; then exit 1; fi

echo "== Gone"
wallet reset --yes
