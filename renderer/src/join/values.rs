//! Writes the simple values of PDF as text.

use std::io::Write as _;

use hayro::hayro_syntax::object::Number;

/// A name, from its bytes.
pub(super) fn name(out: &mut Vec<u8>, name: &[u8]) {
    out.push(b'/');
    for &byte in name {
        if byte.is_ascii_alphanumeric() || b"-_.+*:;,'!@$&=?~^|".contains(&byte) {
            out.push(byte);
        } else {
            hex(out, b"#", byte);
        }
    }
}

/// A string, from its bytes.
pub(super) fn string(out: &mut Vec<u8>, string: &[u8]) {
    out.push(b'<');
    for &byte in string {
        hex(out, b"", byte);
    }
    out.push(b'>');
}

/// A number, whole if it is; PDF knows no exponents.
pub(super) fn number(out: &mut Vec<u8>, number: Number) {
    let whole = number.to_string();
    if whole.parse::<i64>().is_ok() {
        out.extend(whole.as_bytes());
    } else {
        out.extend(number.as_f64().to_string().as_bytes());
    }
}

/// A reference to an object of the new file.
pub(super) fn reference(out: &mut Vec<u8>, number: u32) {
    // Writing to memory can't fail.
    drop(write!(out, "{number} 0 R"));
}

fn hex(out: &mut Vec<u8>, before: &[u8], byte: u8) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    out.extend(before);
    out.extend([byte >> 4, byte & 15].map(|half| DIGITS[usize::from(half)]));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_so_that_every_reader_takes_them() {
        let mut out = Vec::new();
        name(&mut out, b"A b#/\xe9");
        string(&mut out, b"(\0");
        for value in [0.5, 3.0, -(0.5_f32.powi(20)), 2_f32.powi(70)] {
            out.push(b' ');
            number(&mut out, Number::from_f32(value));
        }
        out.push(b' ');
        number(&mut out, Number::from_i32(-7));
        let text = String::from_utf8(out).unwrap();
        assert!(
            text.starts_with("/A#20b#23#2f#e9<2800> 0.5 3 -0.00000095367431640625 "),
            "{text}"
        );
        assert!(text.ends_with(" -7") && !text[15..].contains('e'), "{text}");
    }
}
