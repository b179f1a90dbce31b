//! Revokes number 7, and reads the list as a verifier does once its signature has verified.
use serde_json::json;
use staffpass_status::{
    EntrySize, Limits, StatusEntry, StatusKind, StatusListBuilder, StatusListCredential,
    StatusRules, judge,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let kind = StatusKind::BitstringStatusList;
    let mut bits = StatusListBuilder::new(131_072, EntrySize::ONE, kind.default_order())?;
    bits.set(7, 1)?;
    let payload = json!({
        "iss": "did:web:trust.example", "jti": "https://trust.example/status/3",
        "vc": {"type": ["VerifiableCredential", "BitstringStatusListCredential"],
               "credentialSubject": {"type": "BitstringStatusList", "statusPurpose": "revocation",
                                     "encodedList": bits.encode(kind.encoding())?}},
    });
    let limits = Limits::default();
    let list = StatusListCredential::parse(payload.to_string().as_bytes(), &limits)?;
    let list = list.inflate(&limits)?;
    for index in ["7", "8"] {
        let entries = StatusEntry::parse_all(&json!({
            "type": "BitstringStatusListEntry", "statusPurpose": "revocation",
            "statusListIndex": index, "statusListCredential": "https://trust.example/status/3",
        }))?;
        println!("{index}: {:?}", judge(&entries[0], &list, &StatusRules::new(kind))?);
    }
    Ok(())
}
