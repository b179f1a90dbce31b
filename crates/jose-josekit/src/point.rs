//! Points of the EC curves, asked of OpenSSL where josekit has no function for it.

use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcKey, EcPoint, EcPointRef};
use openssl::error::ErrorStack;
use openssl::nid::Nid;
use openssl::pkey::PKey;
use staffpass_jose::{CompressedPoint, Curve, KeyError, PublicKey};
use zeroize::Zeroizing;

/// The public key of a compressed point (SEC 1 §2.3.4).
pub(crate) fn expanded(point: &CompressedPoint) -> Result<PublicKey, KeyError> {
    let (curve, nid) = (point.curve(), nid(point.curve())?);
    let coordinates = || {
        let group = EcGroup::from_curve_name(nid)?;
        let mut context = BigNumContext::new()?;
        let point = EcPoint::from_bytes(&group, point.as_bytes(), &mut context)?;
        coordinates(&group, &point, &mut context)
    };
    let (x, y) = coordinates().map_err(|_: ErrorStack| KeyError::NotOnCurve)?;
    public_key(curve, &x, &y)
}

/// A private key as PKCS #8, and the public key that belongs to it.
pub(crate) struct Derived {
    pub(crate) pkcs8: Zeroizing<Vec<u8>>,
    pub(crate) public: PublicKey,
}

/// Derives a public key from an EC secret, a big-endian number of 1 to n − 1 (SEC 1 §3.2.1).
pub(crate) fn derived(curve: Curve, secret: &[u8]) -> Result<Derived, KeyError> {
    let nid = nid(curve)?;
    let derive = || {
        let group = EcGroup::from_curve_name(nid)?;
        let mut context = BigNumContext::new_secure()?;
        let mut number = BigNum::from_slice(secret)?;
        let mut point = EcPoint::new(&group)?;
        point.mul_generator2(&group, &number, &mut context)?;
        let key = EcKey::from_private_components(&group, &number, &point);
        number.clear();
        let key = key?;
        // Refuses zero, which makes the point at infinity, and numbers from the group order on.
        key.check_key()?;
        let pkcs8 = Zeroizing::new(PKey::from_ec_key(key)?.private_key_to_pkcs8()?);
        Ok((pkcs8, coordinates(&group, &point, &mut context)?))
    };
    let (pkcs8, (x, y)) = derive().map_err(|_: ErrorStack| KeyError::InvalidSecret)?;
    Ok(Derived { pkcs8, public: public_key(curve, &x, &y)? })
}

fn coordinates(
    group: &EcGroup,
    point: &EcPointRef,
    context: &mut BigNumContext,
) -> Result<(BigNum, BigNum), ErrorStack> {
    let (mut x, mut y) = (BigNum::new()?, BigNum::new()?);
    point.affine_coordinates(group, &mut x, &mut y, context)?;
    Ok((x, y))
}

fn public_key(curve: Curve, x: &BigNum, y: &BigNum) -> Result<PublicKey, KeyError> {
    let length = i32::try_from(curve.coordinate_length());
    let length = length.map_err(|_| KeyError::MalformedCoordinate)?;
    let padded = |number: &BigNum| number.to_vec_padded(length).map_err(|_| KeyError::NotOnCurve);
    PublicKey::from_affine(curve, &padded(x)?, &padded(y)?)
}

fn nid(curve: Curve) -> Result<Nid, KeyError> {
    match curve {
        Curve::P256 => Ok(Nid::X9_62_PRIME256V1),
        Curve::P384 => Ok(Nid::SECP384R1),
        Curve::Secp256k1 => Ok(Nid::SECP256K1),
        _ => Err(KeyError::NotOffered),
    }
}
