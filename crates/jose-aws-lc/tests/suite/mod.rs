//! What every crypto provider must do, whatever library it stands on.

pub(crate) mod attacks;
pub(crate) mod certificates;
pub(crate) mod jwe;
pub(crate) mod keys;
pub(crate) mod published;
pub(crate) mod signing;
pub(crate) mod wycheproof;

use staffpass_jose::{
    Algorithm, CryptoProvider, HeaderBuilder, KeyError, Signer, UnsignedJws, UnverifiedJws,
    VerificationKey, jws,
};

/// A provider and its signing keys.
pub(crate) struct Subject {
    pub(crate) provider: &'static dyn CryptoProvider,
    pub(crate) generate: fn(Algorithm) -> Box<dyn Signer>,
    pub(crate) from_secret: fn(Algorithm, &[u8]) -> Made,
    pub(crate) from_private_jwk: fn(&str) -> Made,
    pub(crate) new_private_jwk: fn(Algorithm) -> (String, VerificationKey),
}

/// A signing key, or why there is none.
pub(crate) type Made = Result<Box<dyn Signer>, KeyError>;

/// One `#[test]` for each function of the suite.
macro_rules! tests_of_a_provider {
    ($provider:expr, $key:ident) => {
        fn subject() -> suite::Subject {
            suite::Subject {
                provider: &$provider,
                generate: |algorithm| Box::new($key::generate(algorithm).unwrap()),
                from_secret: |algorithm, secret| {
                    $key::from_secret_bytes(algorithm, secret).map(|key| Box::new(key) as _)
                },
                from_private_jwk: |text| $key::from_private_jwk(text).map(|key| Box::new(key) as _),
                new_private_jwk: |algorithm| {
                    let key = $key::generate(algorithm).unwrap();
                    let text = key.to_private_jwk().to_string();
                    (text, staffpass_jose::Signer::verification_key(&key).clone())
                },
            }
        }

        suite::tests_of_a_provider!(@tests
            wycheproof::json_web_signature_vectors,
            wycheproof::json_web_key_vectors,
            wycheproof::json_web_crypto_vectors,
            wycheproof::ecdsa_p256_vectors,
            wycheproof::ecdsa_p384_vectors,
            wycheproof::ecdsa_secp256k1_vectors,
            wycheproof::ed25519_vectors,
            published::rfc_7515_appendix_a3,
            published::rfc_7515_and_7520_tokens_that_are_not_spoken_are_refused,
            published::rfc_8037_appendix_a4,
            attacks::s03_another_algorithm_than_the_key_s_is_refused,
            attacks::s08_zero_and_out_of_range_numbers_are_refused,
            attacks::s09_der_and_other_lengths_are_refused,
            attacks::s10_a_high_s_is_accepted,
            attacks::s26_the_identity_key_that_fits_every_message_is_refused,
            attacks::s26_a_low_order_or_non_canonical_r_is_refused,
            attacks::s26_cofactored_signatures_are_refused,
            attacks::s11_an_ed25519_key_that_is_no_point_verifies_nothing,
            attacks::no_single_bit_flip_verifies,
            keys::s11_points_off_their_curve_are_refused,
            keys::s11_coordinates_beyond_the_field_are_refused,
            keys::s11_compressed_points_are_expanded_or_refused,
            keys::s03_keys_that_are_not_for_signatures_are_refused,
            keys::pf47_a_key_is_prepared_once_and_shared_by_threads,
            signing::what_is_signed_verifies,
            signing::a_wrong_signature_makes_no_token,
            signing::a_header_of_another_algorithm_makes_no_token,
            signing::the_same_secret_makes_the_same_key,
            signing::secrets_outside_the_group_are_refused,
            signing::a_key_comes_back_from_its_private_jwk,
            signing::pf38_halves_of_two_keys_make_no_key,
            signing::b14_debug_prints_no_key,
            jwe::rfc_7518_appendix_c,
            jwe::wycheproof_json_web_encryption_vectors,
            jwe::what_is_sealed_opens,
            jwe::no_two_jwes_share_a_key_or_a_vector,
            jwe::an_agreement_key_comes_back_from_its_private_jwk,
            jwe::pf38_halves_of_two_agreement_keys_make_no_key,
            jwe::p09_another_key_does_not_open,
            jwe::p10_other_algorithms_are_refused,
            jwe::p10_another_content_encryption_is_refused,
            jwe::pf19_jwe_zip_refused,
            jwe::pf19_jwe_pbes2_refused,
            jwe::p11_rounds_cost_nothing,
            jwe::s14_any_crit_of_a_jwe_is_refused,
            jwe::p12_malformed_jwes_are_refused,
            jwe::p12_malformed_header_members_are_refused,
            jwe::r02_a_jwe_beyond_its_limits_is_refused,
            jwe::p13_an_ephemeral_key_off_the_curve_is_refused,
            jwe::p13_an_ephemeral_key_of_another_curve_is_refused,
            jwe::s18_a_jws_is_no_jwe,
            jwe::no_single_bit_flip_opens,
            jwe::s03_recipients_that_are_not_for_encryption_are_refused,
            jwe::b14_debug_prints_no_agreement_key,
            certificates::the_algorithms_lent_are_these_four,
            certificates::s20_what_is_signed_verifies_and_nothing_else,
            certificates::s11_points_that_are_no_keys_verify_nothing,
        );
    };
    (@tests $($module:ident::$name:ident),* $(,)?) => {
        $(
            #[test]
            fn $name() {
                suite::$module::$name(&subject());
            }
        )*
    };
}
pub(crate) use tests_of_a_provider;

/// A key of each algorithm that is the same in every run.
pub(crate) fn fixed_key(subject: &Subject, algorithm: Algorithm) -> Box<dyn Signer> {
    let secret = vec![7; algorithm.curve().coordinate_length()];
    (subject.from_secret)(algorithm, &secret).expect("a secret within the group")
}

pub(crate) fn token(key: &dyn Signer, payload: &[u8]) -> String {
    let header = HeaderBuilder::new(key.algorithm()).typ("JWT").kid("#key-1");
    UnsignedJws::new(&header, payload).sign(key).expect("a token")
}

/// Parses and verifies; the payload or the stable code.
pub(crate) fn verify(token: &str, key: &VerificationKey) -> Result<Vec<u8>, &'static str> {
    let jws = UnverifiedJws::parse(token, &jws::Limits::default()).map_err(|e| e.code())?;
    jws.verify(key).map(|verified| verified.payload().to_vec()).map_err(|e| e.code())
}

pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digit = |i: usize| u8::from_str_radix(&text[i..i + 2], 16).expect("hex");
    (0..text.len()).step_by(2).map(digit).collect()
}

/// a + b of equally long big-endian numbers, and whether it fits.
pub(crate) fn plus(a: &[u8], b: &[u8]) -> (Vec<u8>, bool) {
    let mut carry = 0;
    let mut sum: Vec<u8> = (0..a.len())
        .rev()
        .map(|i| {
            let digit = u16::from(a[i]) + u16::from(b[i]) + carry;
            carry = digit >> 8;
            digit.to_le_bytes()[0]
        })
        .collect();
    sum.reverse();
    (sum, carry == 0)
}

/// a − b of equally long big-endian numbers, b ≤ a.
pub(crate) fn minus(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut borrow = 0;
    let mut difference: Vec<u8> = (0..a.len())
        .rev()
        .map(|i| {
            let digit = 256 + i32::from(a[i]) - i32::from(b[i]) - borrow;
            borrow = i32::from(digit < 256);
            digit.to_le_bytes()[0]
        })
        .collect();
    difference.reverse();
    difference
}

/// The group order of an ECDSA algorithm (SEC 2).
pub(crate) fn order(algorithm: Algorithm) -> Vec<u8> {
    hex(match algorithm {
        Algorithm::Es256 => "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
        Algorithm::Es256k => "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
        Algorithm::Es384 => concat!(
            "ffffffffffffffffffffffffffffffffffffffffffffffff",
            "c7634d81f4372ddf581a0db248b0a77aecec196accc52973"
        ),
        other => panic!("{other} is no ECDSA algorithm"),
    })
}

/// The field's prime of an ECDSA algorithm's curve (SEC 2).
pub(crate) fn prime(algorithm: Algorithm) -> Vec<u8> {
    hex(match algorithm {
        Algorithm::Es256 => "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
        Algorithm::Es256k => "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f",
        Algorithm::Es384 => concat!(
            "ffffffffffffffffffffffffffffffffffffffffffffffff",
            "fffffffffffffffeffffffff0000000000000000ffffffff"
        ),
        other => panic!("{other} is no ECDSA algorithm"),
    })
}

pub(crate) const ECDSA: [Algorithm; 3] = [Algorithm::Es256, Algorithm::Es256k, Algorithm::Es384];
