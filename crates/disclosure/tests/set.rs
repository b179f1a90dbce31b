//! The chosen set.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    missing_docs,
    reason = "tests"
)]

use proptest::prelude::*;
use serde_json::json;
use staffpass_disclosure::{Catalogue, CatalogueEntry, CredentialSet, DisclosureError, PartId};

fn code<T: std::fmt::Debug>(result: Result<T, DisclosureError>) -> &'static str {
    result.map_or_else(|error| error.code(), |_| "accepted")
}

fn names(set: &CredentialSet) -> Vec<&str> {
    set.parts().map(PartId::as_str).collect()
}

#[test]
fn identity_is_in_the_smallest_set() {
    let set = CredentialSet::new(&Catalogue::staff());
    assert_eq!(names(&set), ["identity"]);
    assert!(set.is_mandatory("identity") && !set.is_mandatory("employment"));
}

#[test]
fn identity_cannot_be_taken_out() {
    let mut set = CredentialSet::with_chosen(&Catalogue::staff(), ["employment"]).unwrap();
    assert_eq!(code(set.remove("identity")), "part_mandatory");
    assert_eq!(code(set.without("identity")), "part_mandatory");
    assert_eq!(names(&set), ["identity", "employment"]);
    assert_eq!(names(&set.amend([]).unwrap()), ["identity"]);
}

#[test]
fn a_stored_set_without_identity_is_not_read() {
    for (stored, wanted) in [
        (json!([]), "identity"),
        (json!([{"id": "identity", "mandatory": true, "chosen": false}]), "mandatory"),
        (json!([{"id": "identity", "mandatory": false, "chosen": true}]), "identity"),
        (json!([{"id": "employment", "mandatory": true, "chosen": true}]), "identity"),
    ] {
        let error = serde_json::from_value::<CredentialSet>(stored.clone()).unwrap_err();
        assert!(error.to_string().contains(wanted), "{stored}: {error}");
    }
}

#[test]
fn a_set_comes_back_from_storage() {
    let set = CredentialSet::with_chosen(&Catalogue::staff(), ["training"]).unwrap();
    let stored = serde_json::to_string(&set).unwrap();
    assert_eq!(serde_json::from_str::<CredentialSet>(&stored).unwrap(), set);
}

#[test]
fn others_are_added_and_removed() {
    let mut set = CredentialSet::new(&Catalogue::staff());
    assert_eq!(set.add("training"), Ok(true));
    assert_eq!(set.add("training"), Ok(false));
    assert_eq!(set.add("employment"), Ok(true));
    assert_eq!(names(&set), ["identity", "employment", "training"]);
    assert_eq!(set.remove("training"), Ok(true));
    assert_eq!(set.remove("training"), Ok(false));
    assert!(!set.contains("training") && set.contains("employment"));
}

#[test]
fn a_set_is_amended_after_a_failure_and_the_first_one_stays() {
    let asked =
        CredentialSet::with_chosen(&Catalogue::staff(), ["employment", "training"]).unwrap();
    let amended = asked.without("training").unwrap();
    assert_eq!(names(&amended), ["identity", "employment"]);
    assert_eq!(names(&asked), ["identity", "employment", "training"]);
    assert_eq!(names(&amended.amend(["identity", "training"]).unwrap()), ["identity", "training"]);
}

#[test]
fn an_id_that_nobody_offered_is_refused() {
    let catalogue = Catalogue::staff();
    let mut set = CredentialSet::new(&catalogue);
    assert_eq!(code(set.add("payslip")), "part_unknown");
    assert_eq!(code(set.remove("payslip")), "part_unknown");
    assert_eq!(code(set.amend(["payslip"])), "part_unknown");
    assert_eq!(code(CredentialSet::with_chosen(&catalogue, ["Identity"])), "part_unknown");
}

#[test]
fn q10_an_id_has_a_narrow_grammar() {
    for bad in ["", "a b", "a.b", "é", "a\n", "<b>", &"a".repeat(65)] {
        assert_eq!(code(PartId::parse(bad)), "part_id_form", "{bad:?}");
    }
    assert_eq!(PartId::parse("training-2").unwrap().as_str(), "training-2");
    assert!(serde_json::from_str::<PartId>("\"a b\"").is_err());
}

#[test]
fn a_catalogue_has_identity_and_each_id_once() {
    let entry = |id: &str| CatalogueEntry::new(PartId::parse(id).unwrap(), "Type", "Label");
    assert_eq!(code(Catalogue::new([])), "identity_absent");
    assert_eq!(code(Catalogue::new([entry("identity")])), "identity_absent");
    let identity = || entry("identity").mandatory();
    assert_eq!(code(Catalogue::new([identity(), entry("a"), entry("a")])), "part_duplicate");
    let own = Catalogue::new([entry("licence").mandatory(), identity(), entry("a")]).unwrap();
    let mut set = CredentialSet::new(&own);
    assert_eq!(names(&set), ["licence", "identity"]);
    assert_eq!(code(set.remove("licence")), "part_mandatory");
    let stored = serde_json::to_string(&own).unwrap();
    assert_eq!(serde_json::from_str::<Catalogue>(&stored).unwrap(), own);
    assert!(serde_json::from_str::<Catalogue>("[]").is_err());
}

#[test]
fn a_request_asks_for_the_set_and_nothing_else() {
    let catalogue = Catalogue::staff();
    let set = CredentialSet::with_chosen(&catalogue, ["training"]).unwrap();
    let requested = set.to_requested(&catalogue, |_| vec!["did:web:eastmoor.example"]).unwrap();
    let ids: Vec<&str> = requested.iter().map(|one| one.id()).collect();
    assert_eq!(ids, ["identity", "training"]);

    let only_identity = Catalogue::new([catalogue.entry("identity").unwrap().clone()]).unwrap();
    let requested = set.to_requested(&only_identity, |_| Vec::<String>::new());
    assert_eq!(code(requested), "part_unknown");
}

proptest! {
    #[test]
    fn identity_survives_any_order_of_calls(calls in prop::collection::vec((0..4, 0..4usize), 0..20)) {
        let mut set = CredentialSet::new(&Catalogue::staff());
        for (call, which) in calls {
            let id = ["identity", "employment", "training", "payslip"][which];
            match call {
                0 => drop(set.add(id)),
                1 => drop(set.remove(id)),
                2 => set = set.without(id).unwrap_or(set),
                _ => set = set.amend([id]).unwrap_or(set),
            }
            prop_assert!(set.contains("identity"));
            prop_assert!(!set.contains("payslip"));
        }
    }
}
