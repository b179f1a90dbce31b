"""Holds staffpass-sd-jwt against the Python package sd-jwt, both ways, valid and invalid."""

import json
import subprocess
import sys

from jwcrypto.jwk import JWK
from sd_jwt.common import SDObj
from sd_jwt.holder import SDJWTHolder
from sd_jwt.issuer import SDJWTIssuer
from sd_jwt.verifier import SDJWTVerifier

AUDIENCE, NONCE, ROUNDS = "https://portal.example", "n-0S6_WzA2Mj", 20

ours = subprocess.Popen([sys.argv[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def ask(**task):
    ours.stdin.write(json.dumps(task) + "\n")
    ours.stdin.flush()
    return json.loads(ours.stdout.readline())


def they_verify(presentation, issuer_jwk, audience=AUDIENCE, nonce=NONCE):
    key = JWK(**issuer_jwk)
    verifier = SDJWTVerifier(presentation, lambda issuer, header: key, audience, nonce)
    return verifier.get_verified_payload()


def they_refuse(*arguments):
    try:
        they_verify(*arguments)
    except Exception:
        return
    raise AssertionError("they accepted what is wrong")


def tampered(presentation):
    """The presentation with one thing wrong, and what is wrong."""
    parts = presentation.split("~")
    yield "a disclosure is missing", "~".join(parts[:1] + parts[2:])
    yield "the key binding is missing", "~".join(parts[:-1]) + "~"
    yield "the payload is changed", presentation.replace(".ey", ".eX", 1)
    yield "the signature of the key binding is changed", presentation[:-10] + "AAAAAAAAAA"
    flipped = parts[1][:-8] + ("A" if parts[1][-8] != "A" else "B") + parts[1][-7:]
    yield "a disclosure is changed", "~".join([parts[0], flipped] + parts[2:])


def ours_to_theirs():
    made = ask(do="present")
    presentation, issuer = made["presentation"], made["issuer_jwk"]
    assert they_verify(presentation, issuer) == made["claims"]
    for _, wrong in tampered(presentation):
        they_refuse(wrong, issuer)
    they_refuse(presentation, issuer, "https://other.example", NONCE)
    they_refuse(presentation, issuer, AUDIENCE, "other")


def we_refuse(presentation, issuer):
    for what, wrong in tampered(presentation):
        answer = ask(do="verify", presentation=wrong, issuer_jwk=issuer)
        assert "code" in answer, what


def issued_by_us_shown_by_them():
    made = ask(do="issue")
    holder = SDJWTHolder(made["issued"])
    training = {"subject": True, "level": True}
    shown = dict.fromkeys(["given_name", "level", "fte", "permanent", "end"], True)
    # They count an array's decoys too, of which there are two.
    shown |= {"employer": {"name": True, "ods_code": True}, "trainings": [training] * 4}
    holder.create_presentation(shown, NONCE, AUDIENCE, JWK(**made["holder_jwk"]), "ES256")
    answer = ask(do="verify", presentation=holder.sd_jwt_presentation, issuer_jwk=made["issuer_jwk"])
    assert answer.get("claims") == made["claims"], answer
    we_refuse(holder.sd_jwt_presentation, made["issuer_jwk"])


def theirs_to_ours():
    issuer, holder = (JWK.generate(kty="EC", crv="P-256") for _ in range(2))
    claims = {
        "iss": "https://eastmoor.example",
        "vct": "x",
        SDObj("given_name"): "Amära \"A\"",
        SDObj("employer"): {SDObj("ods_code"): "Z9Z9Z", "name": "Eastmoor"},
        "trainings": [SDObj("fire"), SDObj({"level": 1}), "moving"],
    }
    made = SDJWTIssuer(claims, issuer, holder, "ES256", True, "compact", {"typ": "dc+sd-jwt"})
    wallet = SDJWTHolder(made.sd_jwt_issuance)
    shown = {"given_name": True, "employer": {"ods_code": True}, "trainings": [False, True]}
    wallet.create_presentation(shown, NONCE, AUDIENCE, holder, "ES256")
    public = json.loads(issuer.export_public())
    answer = ask(do="verify", presentation=wallet.sd_jwt_presentation, issuer_jwk=public)
    seen = answer.get("claims")
    assert seen == they_verify(wallet.sd_jwt_presentation, public), answer
    assert seen["trainings"] == [{"level": 1}, "moving"], seen
    we_refuse(wallet.sd_jwt_presentation, public)


for _ in range(ROUNDS):
    ours_to_theirs()
    issued_by_us_shown_by_them()
    theirs_to_ours()
print(f"sd-jwt (Python): {ROUNDS} rounds of three ways, valid and invalid, agree")
ours.stdin.close()
