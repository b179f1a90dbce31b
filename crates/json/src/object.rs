//! Objects that are nothing else.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

/// What is written as a JSON object, read into `T`.
///
/// A struct with serde's derived `Deserialize` reads an array too, as its members in the order in
/// which they are declared. A claims set (RFC 7519 §7.2), a JOSE header (RFC 7515 §4) and the
/// objects in them are objects: an array there is refused.
///
/// ```
/// use staffpass_json::{self as json, Limits, Object};
///
/// #[derive(serde::Deserialize)]
/// struct Claims {
///     aud: String,
/// }
///
/// let limits = Limits::default();
/// let Object(claims): Object<Claims> = json::parse(br#"{"aud":"a"}"#, &limits)?;
/// assert_eq!(claims.aud, "a");
/// assert!(json::parse::<Object<Claims>>(br#"["a"]"#, &limits).is_err());
/// # Ok::<(), staffpass_json::JsonError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a form, and what is in it")]
pub struct Object<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members(PhantomData)).map(Self)
    }
}

struct Members<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(members))
    }
}
