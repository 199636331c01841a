//! Whether two JSON texts say the same, with nothing hidden in either.

use serde_json::Value;

/// The members of `body` and of `again`, which was written from what was read of `body`, are the same, but for the spelling
/// of those named in `but`.
///
/// Values alone would not show a member given twice, of which readers keep one or the other, so members are counted too.
pub fn assert_says_the_same(body: &[u8], again: &[u8], but: &[&str]) {
    let (mut said, mut read) = (parse(body), parse(again));
    if let (Some(said), Some(read)) = (said.as_object_mut(), read.as_object_mut()) {
        // An absent member and a null one are the same.
        said.retain(|name, value| !value.is_null() && !but.contains(&name.as_str()));
        read.retain(|name, value| !value.is_null() && !but.contains(&name.as_str()));
    }
    assert_eq!(said, read, "something was said that was not read");
    assert!(members(body) <= members(again), "a member was given twice");
}

fn parse(text: &[u8]) -> Value {
    serde_json::from_slice(text).expect("it was accepted, so it is JSON")
}

/// Colons outside strings: one for each member of each object.
fn members(text: &[u8]) -> usize {
    let (mut within, mut escaped, mut found) = (false, false, 0);
    for byte in text {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if within => escaped = true,
            b'"' => within = !within,
            b':' if !within => found += 1,
            _ => {}
        }
    }
    found
}
