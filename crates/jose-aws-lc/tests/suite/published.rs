//! The tokens that the specifications print. RFC 7520 has none of an algorithm spoken here; its JWSs
//! are among the Wycheproof vectors as `rfc7520`, and refused.

use serde_json::json;
use staffpass_jose::PublicKey;

use super::{Subject, verify};

pub(crate) fn rfc_7515_appendix_a3(subject: &Subject) {
    let jwk = json!({
        "kty": "EC", "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    });
    let token = concat!(
        "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt",
        "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5d",
        "jxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
    );
    let key = PublicKey::from_jwk(&jwk).expect("the key of the appendix");
    let key = subject.provider.prepare(&key.into()).expect("a point of the curve");
    let payload = verify(token, &key).expect("the token of the appendix");
    assert_eq!(
        payload,
        b"{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}"
    );
}

/// The other tokens of RFC 7515 appendix A, and one of RFC 7520 §4.5: not spoken here, whatever their
/// signatures are.
pub(crate) fn rfc_7515_and_7520_tokens_that_are_not_spoken_are_refused(subject: &Subject) {
    let payload = concat!(
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0",
        "cnVlfQ",
    );
    let key = super::fixed_key(subject, staffpass_jose::Algorithm::Es256);
    let refused = |header: &str, payload: &str, signature: &str| {
        verify(&format!("{header}.{payload}.{signature}"), key.verification_key())
    };
    let hs256 = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9";
    let mac = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    assert_eq!(refused(hs256, payload, mac), Err("jws_algorithm_unsupported"), "A.1");
    let rs256 = "eyJhbGciOiJSUzI1NiJ9";
    assert_eq!(refused(rs256, payload, mac), Err("jws_algorithm_unsupported"), "A.2");
    let es512 = "eyJhbGciOiJFUzUxMiJ9";
    assert_eq!(refused(es512, "UGF5bG9hZA", mac), Err("jws_algorithm_unsupported"), "A.4");
    let none = "eyJhbGciOiJub25lIn0";
    assert_eq!(refused(none, payload, ""), Err("jws_not_three_parts"), "A.5");
    assert_eq!(refused(none, payload, mac), Err("jws_algorithm_unsupported"), "A.5");
    let detached =
        "eyJhbGciOiJIUzI1NiIsImtpZCI6IjAxOGMwYWU1LTRkOWItNDcxYi1iZmQ2LWVlZjMxNGJjNzAzNyJ9";
    let mac = "s0h6KThzkfBBBkLspW1h84VsJZFTsPPqMDA7g1Md7p0";
    assert_eq!(refused(detached, "", mac), Err("jws_not_three_parts"), "RFC 7520 section 4.5");
}

pub(crate) fn rfc_8037_appendix_a4(subject: &Subject) {
    let jwk = json!({
        "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
    });
    let token = concat!(
        "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-",
        "09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
    );
    let key = (subject.from_private_jwk)(&jwk.to_string()).expect("the key of the appendix");
    let payload = verify(token, key.verification_key()).expect("the token of the appendix");
    assert_eq!(payload, b"Example of Ed25519 signing");
    // Ed25519 is deterministic, so the same bytes come out (appendix A.4).
    let signing_input = token.rsplit_once('.').expect("three parts").0;
    let signature = key.sign(signing_input.as_bytes()).expect("a signature");
    assert!(token.ends_with(&staffpass_jose::base64url::encode(signature)));
}
