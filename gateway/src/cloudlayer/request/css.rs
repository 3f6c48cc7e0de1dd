//! What CSS of a header or footer may say: nothing that loads from outside.

/// The longest value of a property, in bytes.
const VALUE_LIMIT: usize = 16 * 1024;

/// Judges one property and its value; the fault goes on after the field's name.
pub(super) fn check_declaration(name: &str, value: &str) -> Result<(), String> {
    let letters = |byte: u8| byte.is_ascii_lowercase() || byte == b'-';
    if name.is_empty() || name.len() > 64 || !name.bytes().all(letters) {
        return Err("is not a CSS property: its name must be lower-case letters and `-`, such as `font-size`".to_owned());
    }
    if value.is_empty() || value.len() > VALUE_LIMIT {
        return Err(format!("must be a CSS value of 1 to {VALUE_LIMIT} bytes"));
    }
    check_urls(value)?;
    let rest = without_data_urls(value);
    let forbidden = |c: char| c.is_control() || ";{}<>@\\".contains(c);
    if let Some(c) = rest.chars().find(|c| forbidden(*c)) {
        return Err(format!(
            "must be the value of one CSS property, and {c:?} can't be part of one here"
        ));
    }
    if rest.contains("/*") {
        return Err("must not contain a CSS comment".to_owned());
    }
    Ok(())
}

/// Judges a style sheet; an outside one by `@import`, or an outside font, ends the print (pitfalls 4.8).
pub(super) fn check_sheet(sheet: &str) -> Result<(), String> {
    if unescaped(sheet).contains("@import") {
        return Err(
            "must not contain `@import`: put the rules themselves into the style".to_owned(),
        );
    }
    check_urls(sheet)
}

/// Every `url(…)` must carry its data or point into the document.
pub(super) fn check_urls(css: &str) -> Result<(), String> {
    let css = unescaped(css);
    let outside = css.split("url(").skip(1).any(|rest| {
        let target = rest.trim_start_matches([' ', '\t', '\n', '\r', '\x0c', '"', '\'']);
        !target.starts_with("data:") && !target.starts_with('#')
    });
    if outside {
        return Err("must not load `url(…)` from outside: only `data:` URLs work there".to_owned());
    }
    Ok(())
}

/// The value with every `url(data:…)` cut out, since such a URL may hold a semicolon.
fn without_data_urls(value: &str) -> String {
    let mut rest = value;
    let mut left = String::new();
    while let Some((before, url)) = rest.split_once("url(") {
        left.push_str(before);
        let plain = |c: char| c.is_ascii_alphanumeric() || "+/=;,:%._-#\"' ".contains(c);
        let end = url.find(|c: char| !plain(c)).unwrap_or(url.len());
        let (_, after) = url.split_at(end);
        // What does not end as a URL must is judged like all else.
        rest = after.strip_prefix(')').unwrap_or(after);
    }
    left.push_str(rest);
    left
}

/// In lower case, with escapes such as `\69` and `\i` resolved.
fn unescaped(css: &str) -> String {
    let mut text = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, after)) = rest.split_once('\\') {
        text.push_str(before);
        let digits = after
            .bytes()
            .take(6)
            .take_while(u8::is_ascii_hexdigit)
            .count();
        let (code, tail) = after.split_at(digits);
        if let Ok(code) = u32::from_str_radix(code, 16) {
            text.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            rest = tail.strip_prefix("\r\n").unwrap_or_else(|| {
                tail.strip_prefix([' ', '\t', '\n', '\r', '\x0c'])
                    .unwrap_or(tail)
            });
        } else {
            rest = tail;
            // A second backslash is the escaped character, not the start of another escape.
            if let Some(tail) = tail.strip_prefix('\\') {
                text.push('\\');
                rest = tail;
            }
        }
    }
    text.push_str(rest);
    text.to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_is_found_however_it_is_written() {
        for sheet in [
            "@import url(https://example.com/a.css)",
            "@IMPORT 'a.css'",
            "@\\69mport 'a.css'",
            "@\\69 mport 'a.css'",
            "@\\000049\r\nmport 'a.css'",
            "@im\\port 'a.css'",
            "p{} @\\i\\6d\tp\\ort 'a'",
        ] {
            assert!(
                check_sheet(sheet).unwrap_err().contains("@import"),
                "{sheet}"
            );
        }
        assert_eq!(
            check_sheet("@media print { p { color: red } } /* important */"),
            Ok(())
        );
    }

    #[test]
    fn declarations_stay_single_and_load_nothing() {
        for (name, value) in [
            ("width", "100%"),
            ("border", "1px solid red"),
            ("font-family", "\"Noto Sans\", serif"),
            (
                "background",
                "url(data:image/png;base64,iVBORw0KGgo=) no-repeat",
            ),
            ("background", "url('data:image/png;base64,iVBORw0KGgo=')"),
            ("fill", "url(#gradient)"),
        ] {
            assert_eq!(check_declaration(name, value), Ok(()), "{name}: {value}");
        }
        for (name, value, reason) in [
            ("fontSize", "1px", "property"),
            ("", "1px", "property"),
            ("a:b", "1px", "property"),
            ("color", "", "CSS value"),
            ("color", "red; background: blue", "';'"),
            ("color", "red}", "'}'"),
            ("color", "</style>", "'<'"),
            ("color", "r\\65 d", "'\\\\'"),
            ("color", "red\n", "control"),
            ("color", "red /* x", "comment"),
            ("background", "url(https://example.com/a.png)", "outside"),
            ("background", "URL( \"//example.com/a.png\")", "outside"),
            ("background", "u\\72l(https://example.com/a.png)", "outside"),
            ("background", "url(data:,x);color:red", "';'"),
            ("background", "url(data:;{)", "'{'"),
        ] {
            let fault = check_declaration(name, value).unwrap_err();
            let found = fault.contains(reason) || (reason == "control" && fault.contains("'\\n'"));
            assert!(found, "{name}: {value}: {fault}");
        }
    }
}
