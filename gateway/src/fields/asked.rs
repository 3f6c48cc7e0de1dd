//! Which fields a parser has asked for, so that a test can compare them with those that are described.

use std::cell::RefCell;
use std::collections::BTreeSet;

thread_local! {
    static ASKED: RefCell<BTreeSet<String>> = const { RefCell::new(BTreeSet::new()) };
}

/// Notes a field by its path; places in lists don't matter.
pub(super) fn note(path: &str) {
    let mut plain = String::new();
    let mut inside = false;
    for character in path.chars() {
        match character {
            '[' => {
                inside = true;
                plain.push_str("[]");
            }
            ']' => inside = false,
            other if !inside => plain.push(other),
            _ => {}
        }
    }
    ASKED.with_borrow_mut(|asked| asked.insert(plain));
}

/// What was asked for on this thread since it was last looked at.
pub(crate) fn taken() -> BTreeSet<String> {
    ASKED.take()
}
