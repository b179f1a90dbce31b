#!/bin/sh
# One share between two trusts, on this machine: as it should go, in the other protocol, and as it goes where
# a credential is missing, another revoked, and codes are keyed in wrongly. It leaves nothing behind.
set -eu
cd "$(dirname "$0")"
flow="${SHARE_FLOW:-cargo run -q -p share-flow --}"

echo "== To Microsoft Authenticator, all three credentials"
$flow
echo "== To an OpenID4VP wallet, identity and employment"
$flow --dialect openid4vp --holder jwk --select identity,employment
echo "== Training is missing, employment was revoked, and codes are keyed in wrongly"
$flow --without training --revoked employment --wrong-code
echo "== For programs: one JSON object"
$flow --json | cut -c 1-200
