//! Token Status Lists of every size, made by each side and read by the other.
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
use serde_json::{Value, json};
use ssi::status::Compression;
use ssi::status::token_status_list::json::JsonStatusList;
use ssi::status::token_status_list::{BitString, StatusSize};
use staffpass_status::token::{self, StatusListToken, TokenStatus, TokenStatusList};
use staffpass_status::{
    BitOrder, EntrySize, Limits, ListEncoding, StatusError, StatusListBuilder, StatusOutcome,
};

const URI: &str = "https://trust.example/status/1";

/// Bits of an entry, and a value for each of some entries: whole bytes.
fn any_list() -> impl Strategy<Value = (u8, Vec<u8>)> {
    prop::sample::select(vec![1_u8, 2, 4, 8]).prop_flat_map(|bits| {
        let value = (0..=u8::MAX >> (8 - bits)).boxed();
        let values = prop::collection::vec(value, 1..40);
        let whole = values.prop_map(|values| values.repeat(8));
        (Just(bits), whole)
    })
}

fn by_ssi(bits: u8, values: &[u8]) -> Value {
    let size = StatusSize::try_from(bits).unwrap();
    let list = BitString::new_with(size, values.len(), |index| values[index]).unwrap();
    serde_json::to_value(JsonStatusList::encode(&list, Compression::best())).unwrap()
}

fn by_us(bits: u8, values: &[u8]) -> Value {
    let size = EntrySize::new(u64::from(bits)).unwrap();
    let order = BitOrder::LeastSignificantFirst;
    let mut list = StatusListBuilder::new(values.len() as u64, size, order).unwrap();
    for (index, value) in (0..).zip(values) {
        list.set(index, *value).unwrap();
    }
    json!({"bits": bits, "lst": list.encode(ListEncoding::ZlibBase64Url).unwrap()})
}

fn without_padding(list: &Value) -> Value {
    let lst = list["lst"].as_str().unwrap().trim_end_matches('=');
    json!({"bits": list["bits"], "lst": lst})
}

fn with_padding(list: &Value) -> Value {
    let lst = list["lst"].as_str().unwrap();
    let padding = "=".repeat(lst.len().wrapping_neg() % 4);
    json!({"bits": list["bits"], "lst": format!("{lst}{padding}")})
}

fn read_by_us(list: &Value, limits: &Limits) -> Result<TokenStatusList, StatusError> {
    let payload = json!({"sub": URI, "iat": 1_767_225_600, "status_list": list}).to_string();
    StatusListToken::parse(payload.as_bytes(), limits)?.inflate(limits)
}

fn our_value(list: &TokenStatusList, index: usize) -> Result<u8, StatusError> {
    let status = json!({"status_list": {"idx": index, "uri": URI}});
    Ok(match token::judge(&TokenStatus::parse(&status)?, list)? {
        StatusOutcome::Set { value, .. } => value,
        _ => 0,
    })
}

fn read_by_ssi(list: &Value, limit: Option<u64>) -> Option<BitString> {
    serde_json::from_value::<JsonStatusList>(list.clone()).ok()?.decode(limit).ok()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 64, failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn what_ssi_wrote_we_read((bits, values) in any_list()) {
        let list = without_padding(&by_ssi(bits, &values));
        let list = read_by_us(&list, &Limits::default()).unwrap();
        for (index, value) in values.iter().enumerate() {
            prop_assert_eq!(our_value(&list, index).unwrap(), *value, "{}", index);
        }
    }

    #[test]
    fn what_we_wrote_ssi_reads((bits, values) in any_list()) {
        let list = read_by_ssi(&with_padding(&by_us(bits, &values)), None).unwrap();
        prop_assert_eq!(list.iter().take(values.len()).collect::<Vec<_>>(), values);
    }

    #[test]
    fn both_pack_the_same_bytes((bits, values) in any_list()) {
        let read = |list: &Value| {
            let list = read_by_us(&without_padding(list), &Limits::default()).unwrap();
            list.bits().as_bytes().to_vec()
        };
        prop_assert_eq!(read(&by_us(bits, &values)), read(&by_ssi(bits, &values)));
    }
}

#[test]
fn every_value_of_eight_bits_is_read() {
    let values: Vec<u8> = (0..=u8::MAX).collect();
    let list = without_padding(&by_ssi(8, &values));
    let list = read_by_us(&list, &Limits::default()).unwrap();
    let read: Vec<_> = (0..256).map(|index| our_value(&list, index).unwrap()).collect();
    assert_eq!(read, values);
    assert_eq!(our_value(&list, 256).unwrap_err().code(), "status_index_out_of_range");
}

/// Some list whose text is padded.
fn padded() -> (Value, Vec<u8>) {
    let lists = (8..32_u8).map(|length| (0..length).collect::<Vec<_>>());
    let mut lists = lists.map(|values| (by_ssi(8, &values), values));
    lists.find(|(list, _)| list["lst"].as_str().unwrap().ends_with('=')).unwrap()
}

#[test]
fn t1_a_list_has_no_padding() {
    let (list, _) = padded();
    assert!(read_by_us(&list, &Limits::default()).is_err());
    let bare = without_padding(&list);
    assert!(read_by_us(&bare, &Limits::default()).is_ok());
    assert!(read_by_ssi(&list, None).is_some());
    assert!(read_by_ssi(&bare, None).is_none());
}

#[test]
fn t2_a_list_beyond_its_bound_is_none() {
    let list = by_ssi(8, &[7; 64]);
    let mut limits = Limits::default();
    limits.max_inflated_bytes = 32;
    assert!(read_by_us(&without_padding(&list), &limits).is_err());
    let cut = read_by_ssi(&list, Some(32)).unwrap();
    assert_eq!((cut.len(), cut.get(31), cut.get(32)), (32, Some(7), None));
}
