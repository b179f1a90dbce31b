//! The table of claims: one row a claim, from which come the struct, its reader and its writer.

use core::fmt;

use chrono::NaiveDate;
use serde_json::Value;

use crate::dates::DateOrTime;
use crate::ids::{IdentityId, OdsCode};
use crate::reader::normal;

/// A table of claims: for each its name, type and rule. It makes the struct, its constructor of the
/// required claims, the reader that finds every fault, the writer, and a `Debug` without values.
///
/// `$check` is given the draft (every field that could be read) for rules between fields.
macro_rules! claims {
    (
        $(#[$meta:meta])*
        pub struct $name:ident ($draft:ident, $check:expr) {
            required { $( $(#[$req_meta:meta])* $req:ident : $req_ty:ty = $req_parse:expr, )* }
            optional { $( $(#[$opt_meta:meta])* $opt:ident : $opt_ty:ty = $opt_parse:expr, )* }
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct $name {
            $( $(#[$req_meta])* pub $req: $req_ty, )*
            $( $(#[$opt_meta])* pub $opt: Option<$opt_ty>, )*
        }

        #[allow(dead_code, reason = "not every field has a rule with another")]
        struct $draft {
            $( $req: Option<$req_ty>, )*
            $( $opt: Option<$opt_ty>, )*
        }

        impl $name {
            /// Made of its required claims, in the order of the table; the optional ones are absent
            /// and can be set. The rules are checked by reading and by `validate`, not here.
            #[must_use]
            #[allow(clippy::too_many_arguments, clippy::new_without_default, reason = "one argument a required claim")]
            pub const fn new($( $req: $req_ty, )*) -> Self {
                Self { $( $req, )* $( $opt: None, )* }
            }

            #[allow(dead_code, reason = "the kinds of credentials say theirs, and their parts do not")]
            pub(crate) const REQUIRED: &[&str] = &[$( stringify!($req), )*];

            pub(crate) fn read(
                reader: &mut $crate::reader::Reader,
                claims: &serde_json::Map<String, serde_json::Value>,
            ) -> Option<Self> {
                let draft = $draft {
                    $( $req: reader.required(claims, stringify!($req), $req_parse), )*
                    $( $opt: reader.optional(claims, stringify!($opt), $opt_parse), )*
                };
                let check: fn(&$draft, &mut $crate::reader::Reader) = $check;
                check(&draft, reader);
                Some(Self { $( $req: draft.$req?, )* $( $opt: draft.$opt, )* })
            }

            /// The claims as JSON members, strings in NFC and trimmed; absent ones are left out.
            #[must_use]
            pub fn to_claims(&self) -> serde_json::Map<String, serde_json::Value> {
                let fields: &[(&str, &dyn $crate::table::ToClaim)] = &[
                    $( (stringify!($req), &self.$req), )*
                    $( (stringify!($opt), &self.$opt), )*
                ];
                let written = fields.iter().map(|(name, value)| ((*name).to_owned(), value.to_claim()));
                written.filter(|(_, value)| !value.is_null()).collect()
            }
        }

        impl $crate::table::ToClaim for $name {
            fn to_claim(&self) -> serde_json::Value {
                self.to_claims().into()
            }
        }

        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                let required: &[&'static str] = &[$( stringify!($req), )*];
                let optional: &[(&'static str, bool)] =
                    &[$( (stringify!($opt), self.$opt.is_some()), )*];
                let there = optional.iter().filter(|(_, is)| *is).map(|(name, _)| *name);
                $crate::table::debug_names(f, stringify!($name), required.iter().copied().chain(there))
            }
        }
    };
}
pub(crate) use claims;

/// Writes a value back as a claim.
pub(crate) trait ToClaim {
    fn to_claim(&self) -> Value;
}

impl ToClaim for String {
    fn to_claim(&self) -> Value {
        normal(self).into()
    }
}

/// Absent is null here, and left out by the table.
impl<T: ToClaim> ToClaim for Option<T> {
    fn to_claim(&self) -> Value {
        self.as_ref().map_or(Value::Null, ToClaim::to_claim)
    }
}

impl ToClaim for bool {
    fn to_claim(&self) -> Value {
        (*self).into()
    }
}

impl ToClaim for u8 {
    fn to_claim(&self) -> Value {
        (*self).into()
    }
}

impl ToClaim for NaiveDate {
    fn to_claim(&self) -> Value {
        self.to_string().into()
    }
}

impl ToClaim for DateOrTime {
    fn to_claim(&self) -> Value {
        self.to_string().into()
    }
}

impl ToClaim for IdentityId {
    fn to_claim(&self) -> Value {
        self.as_str().into()
    }
}

impl ToClaim for OdsCode {
    fn to_claim(&self) -> Value {
        self.as_str().into()
    }
}

impl<T: ToClaim> ToClaim for Vec<T> {
    fn to_claim(&self) -> Value {
        self.iter().map(ToClaim::to_claim).collect()
    }
}

/// Prints a type and the names of its fields that are there: never what they say.
pub(crate) fn debug_names(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    fields: impl Iterator<Item = &'static str>,
) -> fmt::Result {
    write!(f, "{name} {{ ")?;
    for field in fields {
        write!(f, "{field}, ")?;
    }
    f.write_str(".. }")
}
