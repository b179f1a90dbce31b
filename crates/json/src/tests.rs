//! What is refused, and that the readers agree with each other and with `serde_json`.

use super::*;
use proptest::prelude::*;
use serde_json::Map;

/// By way of the index.
fn read(bytes: &[u8], limits: &Limits) -> Result<Value, JsonError> {
    Ok(Tree::parse(bytes, limits)?.root().to_value())
}

fn code(text: &str) -> &'static str {
    match check(text.as_bytes(), &Limits::default()) {
        Ok(_) => "accepted",
        Err(error) => error.code(),
    }
}

#[test]
fn s16_a_member_that_stands_twice_is_refused_at_any_depth() {
    for text in [
        r#"{"a":1,"a":1}"#,
        r#"{"a":1,"\u0061":2}"#,
        r#"{"\u0061":1,"a":2}"#,
        r#"[{"x":{"b":[],"c":0,"b":null}}]"#,
    ] {
        assert_eq!(code(text), "json_duplicate_member", "{text}");
    }
}

#[test]
fn s16_the_same_member_in_two_objects_is_no_duplicate() {
    assert_eq!(code(r#"{"a":{"a":1},"b":[{"a":1},{"a":2}]}"#), "accepted");
}

#[test]
fn s16_a_duplicate_among_many_members_is_found() {
    let members: Vec<_> = (0..100).map(|n| format!("\"m{n}\":{n}")).collect();
    let good = format!("{{{}}}", members.join(","));
    assert_eq!(code(&good), "accepted");
    for n in [0, 15, 16, 17, 99] {
        let bad = format!("{{{},\"m{n}\":0}}", members.join(","));
        assert_eq!(code(&bad), "json_duplicate_member", "m{n}");
    }
}

#[test]
fn r01_nesting_beyond_the_limit_is_refused() {
    let nested = |n: usize| format!("{}1{}", "[".repeat(n), "]".repeat(n));
    assert_eq!(code(&nested(32)), "accepted");
    assert_eq!(code(&nested(33)), "json_too_deep");
    assert_eq!(code(&nested(500_000)), "json_too_deep");
}

#[test]
fn r02_too_many_values_and_too_many_bytes_are_refused() {
    assert_eq!(code(&format!("[{}0]", "0,".repeat(20_000))), "json_too_many_values");
    assert_eq!(code(&format!("\"{}\"", "a".repeat(3 << 20))), "json_too_long");
}

#[test]
fn pf33_a_count_bounds_what_few_bytes_can_ask_for() {
    let values = |n: usize| format!("[{}0]", "0,".repeat(n - 1));
    let limits = Limits { max_values: 1_000, ..Limits::default() };
    assert_eq!(check(values(999).as_bytes(), &limits).map(|_| ()), Ok(()));
    let refused = Err(JsonError::TooManyValues { limit: 1_000 });
    assert_eq!(check(values(1_000).as_bytes(), &limits).map(|_| ()), refused);
    // Members count like elements, and at any depth.
    let members: Vec<_> = (0..1_000).map(|n| format!("\"{n}\":0")).collect();
    let members = format!("{{{}}}", members.join(","));
    assert_eq!(check(members.as_bytes(), &limits).map(|_| ()), refused);
    let arrays = format!("[{}[]]", "[[]],".repeat(500));
    assert_eq!(check(arrays.as_bytes(), &limits).map(|_| ()), refused);
}

#[test]
fn pf39_a_text_at_its_limit_is_whole_and_beyond_it_an_error() {
    let limits = Limits { max_bytes: 7, ..Limits::default() };
    assert_eq!(check(b"[1,2,3]", &limits), Ok("[1,2,3]"));
    assert_eq!(check(b"[1,2,3] ", &limits), Err(JsonError::TooLong { limit: 7 }));
}

/// Were the names of an object compared one by one, this would be 200 million comparisons.
#[test]
fn r06_an_object_of_many_names_is_judged_in_linear_time() {
    let limits = Limits { max_values: 50_000, ..Limits::default() };
    let members: Vec<_> = (0..40_000).map(|n| format!("\"{n:040}\":0")).collect();
    let good = format!("{{{}}}", members.join(","));
    let start = std::time::Instant::now();
    assert!(check(good.as_bytes(), &limits).is_ok());
    assert!(start.elapsed() < std::time::Duration::from_secs(2));
    let bad = format!("{{{},{}}}", members.join(","), members[39_999]);
    assert_eq!(check(bad.as_bytes(), &limits).map_err(|e| e.code()), Err("json_duplicate_member"));
}

#[test]
fn r03_numbers_that_no_reader_holds_exactly_are_refused() {
    for text in ["1e400", "-0", "18446744073709551616", "-9223372036854775809", "1e-99999"] {
        let expected = if text == "1e-99999" { "accepted" } else { "json_number" };
        assert_eq!(code(text), expected, "{text}");
    }
    for text in ["0", "-1", "18446744073709551615", "9007199254740993", "1.5e3", "-0.5"] {
        assert_eq!(code(text), "accepted", "{text}");
    }
}

#[test]
fn r04_text_that_readers_understand_differently_is_refused() {
    assert_eq!(check(b"\"\xff\"", &Limits::default()), Err(JsonError::NotUtf8));
    assert_eq!(code("\u{feff}{}"), "json_syntax");
    assert_eq!(code(r#""\ud800""#), "json_syntax");
    assert_eq!(code(r#""a\u0000b""#), "json_nul");
    for text in ["", "{", "01", "1.", ".5", "+1", "nul", "{\"a\"}", "[1,]", "\"\t\"", "'a'", "{}x"]
    {
        assert_eq!(code(text), "json_syntax", "{text:?}");
    }
}

#[test]
fn pf45_members_that_a_feature_of_serde_json_reads_as_numbers_are_refused() {
    assert_eq!(code(r#"{"$serde_json::private::Number":"1"}"#), "json_duplicate_member");
    assert_eq!(code(r#"{"\u0024serde_json::private::Number":"1"}"#), "json_duplicate_member");
}

#[test]
fn canonical_form_sorts_members_and_drops_white_space() {
    let value: Value =
        serde_json::from_str(r#"{ "b": [1, "é"], "a": {"d": 1, "c": 2} }"#).expect("JSON");
    let text = canonical(&value).expect("canonical");
    assert_eq!(text, r#"{"a":{"c":2,"d":1},"b":[1,"é"]}"#.as_bytes());
}

/// RFC 8785 §3.2.3: by UTF-16 code unit, so that a surrogate pair stands before U+FB33.
#[test]
fn canonical_form_sorts_by_utf_16_code_unit() {
    let value = serde_json::json!({"\u{fb33}": 1, "\u{1f600}": 2, "\u{20ac}": 3.0e1, "1": 1e21});
    let text = canonical(&value).expect("canonical");
    let expected = "{\"1\":1e+21,\"\u{20ac}\":30,\"\u{1f600}\":2,\"\u{fb33}\":1}";
    assert_eq!(text, expected.as_bytes());
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[^\\x00]{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map("[^\\x00]{0,4}", inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

#[test]
fn s16_a_text_is_read_as_it_is_checked() {
    for text in [
        r#"{"a":1,"a":1}"#,
        r#"{"a":1,"\u0061":2}"#,
        r#"[{"x":{"b":[],"c":0,"b":null}}]"#,
        r#"{"$serde_json::private::RawValue":"1"}"#,
        "[1,]",
        "{\"a\":1,}",
        "\"a\u{1}b\"",
        "-0",
        "18446744073709551616",
    ] {
        let limits = Limits::default();
        let checked = check(text.as_bytes(), &limits).map(drop);
        assert_eq!(read(text.as_bytes(), &limits).map(drop), checked, "{text}");
        assert!(checked.is_err(), "{text}");
    }
}

#[test]
fn every_byte_at_every_place_of_a_string_is_seen() {
    for place in 0..24 {
        for byte in 0..=0x7f_u8 {
            let mut text = [b'a'; 26];
            (text[0], text[25]) = (b'"', b'"');
            text[place + 1] = byte;
            let accepted = check(&text, &Limits::default()).is_ok();
            let plain = !matches!(byte, 0x00..=0x1f | b'"' | b'\\');
            assert_eq!(accepted, plain, "{byte} at {place}");
        }
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        prop::num::f64::NORMAL.prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_read_is_what_is_parsed(value in any_value()) {
        let (text, limits) = (value.to_string(), Limits::default());
        prop_assert_eq!(
            read(text.as_bytes(), &limits),
            parse::<Value>(text.as_bytes(), &limits)
        );
    }

    #[test]
    fn any_text_is_read_or_refused_as_it_is_checked(text in "[\\[\\]{}:,\"a\\\\u0-9.eE+\\- tfn]{0,24}") {
        let limits = Limits::default();
        let parsed = parse::<Value>(text.as_bytes(), &limits);
        prop_assert_eq!(read(text.as_bytes(), &limits), parsed);
    }

    #[test]
    fn what_serde_json_writes_is_accepted(value in any_json()) {
        let text = value.to_string();
        prop_assert_eq!(parse::<Value>(text.as_bytes(), &Limits::default()), Ok(value));
    }

    #[test]
    fn what_is_accepted_serde_json_reads(text in "[\\[\\]{}:,\"\\\\au0-9eE.\\-+ tfn]{0,24}") {
        if check(text.as_bytes(), &Limits::default()).is_ok() {
            prop_assert!(serde_json::from_str::<Value>(&text).is_ok(), "{}", text);
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>) {
        let _ = check(&bytes, &Limits::default());
    }
}

/// What a tree says at every place is what `serde_json` says there.
fn agree(node: Node<'_>, value: &Value) -> Result<(), TestCaseError> {
    let other = Node::from(value);
    prop_assert_eq!(node.kind(), other.kind());
    prop_assert_eq!(node.as_str(), value.as_str());
    prop_assert_eq!(node.as_bool(), value.as_bool());
    prop_assert_eq!(node.as_u64(), value.as_u64());
    prop_assert_eq!(node.as_i64(), other.as_i64());
    let number = value.is_number().then(|| value.to_string());
    prop_assert_eq!(node.number().map(String::from), number.clone());
    prop_assert_eq!(other.number().map(String::from), number);
    prop_assert_eq!(node.get("no such name"), None);
    prop_assert_eq!(node.elements().is_some(), value.is_array());
    for (place, element) in value.as_array().into_iter().flatten().enumerate() {
        agree(node.element(place).expect("an element"), element)?;
    }
    prop_assert_eq!(
        node.elements().into_iter().flatten().count(),
        value.as_array().map_or(0, Vec::len)
    );
    if let Some(members) = value.as_object() {
        let members = Node::from(members);
        prop_assert!(members == *value && members == node && members.kind() == Kind::Object);
        prop_assert!(members.elements().is_none() && members.as_str().is_none());
        prop_assert!(members.as_bool().is_none() && members.number().is_none());
        prop_assert!(members.as_u64().is_none() && members.as_i64().is_none());
        prop_assert_eq!(
            members.members().into_iter().flatten().count(),
            value.as_object().map_or(0, Map::len)
        );
    }
    for (name, member) in value.as_object().into_iter().flatten() {
        agree(node.get(name).expect("a member"), member)?;
        agree(other.get(name).expect("a member"), member)?;
    }
    let names = |node: Node<'_>| {
        let mut names: Vec<_> = node.members()?.map(|(name, _)| name.to_owned()).collect();
        names.sort_unstable();
        Some(names)
    };
    prop_assert_eq!(names(node), names(other));
    prop_assert_eq!(node.is_object(), value.is_object());
    prop_assert_eq!(node.to_members(), value.as_object().cloned());
    prop_assert!(node == *value && node == other);
    Ok(())
}

proptest! {
    #[test]
    fn a_tree_says_what_serde_json_says_at_every_place(value in any_json(), pretty: bool) {
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
        let text = text.expect("JSON");
        let tree = Tree::parse(text.as_bytes(), &Limits::default()).expect("a tree");
        agree(tree.root(), &value)?;
        agree(tree.into_owned().root(), &value)?;
    }
}

#[test]
fn a_name_or_a_text_with_escapes_is_found_by_what_it_says() {
    let text = br#"{"\u0061": "x\ny", "b": ["\"", "plain", {"c\t": 1}], "": null}"#;
    let tree = Tree::parse(text, &Limits::default()).expect("a tree");
    let root = tree.root();
    assert_eq!(root.get("a").and_then(Node::as_str), Some("x\ny"));
    let second = root.get("b").and_then(|b| b.element(1));
    assert_eq!(second.and_then(Node::as_str), Some("plain"));
    let third = root.get("b").and_then(|b| b.element(2)).and_then(|c| c.get("c\t"));
    assert_eq!(third.and_then(Node::as_u64), Some(1));
    assert_eq!(root.get("").map(Node::kind), Some(Kind::Null));
    assert!(
        root.get("a") == root.get("a")
            && root.get("a") != root.get("b")
            && root != root.get("b").expect("b")
    );
    assert!(root != serde_json::json!({"a": 1}) && root.get("a") != root.get(""));
    // A text is no name, and what is deeper is not here.
    assert!(root.get("plain").is_none() && root.get("c\t").is_none() && root.get("b\0").is_none());
}

#[test]
fn r03_integers_are_those_that_are_written_so() {
    let integers = |text: &str| {
        let tree = Tree::parse(text.as_bytes(), &Limits::default()).expect("a tree");
        let value: Value = serde_json::from_str(text).expect("JSON");
        let found = (tree.root().as_i64(), tree.root().as_u64());
        assert_eq!(found, (Node::from(&value).as_i64(), Node::from(&value).as_u64()), "{text}");
        found
    };
    assert_eq!(integers("7"), (Some(7), Some(7)));
    assert_eq!(integers("-7"), (Some(-7), None));
    assert_eq!(integers("18446744073709551615"), (None, Some(u64::MAX)));
    for text in ["1.0", "1e0", "-0.0", "\"1\"", "true", "null", "[1]"] {
        assert_eq!(integers(text), (None, None), "{text}");
    }
    assert_eq!(integers("0"), (Some(0), Some(0)));
    let minus_zero: Value = serde_json::from_str("-0").expect("JSON");
    assert_eq!(Node::from(&minus_zero).as_i64(), None);
}

#[test]
fn nothing_that_a_text_says_is_printed() {
    let tree = Tree::parse(br#"{"name": "Amara"}"#, &Limits::default()).expect("a tree");
    let printed = format!("{tree:?} {:?} {:?}", tree.root(), tree.root().get("name"));
    assert_eq!(printed, "Tree { values: 3, .. } Node(Object) Some(Node(String))");
}
