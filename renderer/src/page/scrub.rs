//! Takes out of addresses what may be a secret: credentials, queries, fragments. A job's owner knows
//! them, but what is noted of a page is kept for long, and is read by more people than made the request.

use url::Url;

/// Stands for what was taken out.
const LEFT_OUT: char = '…';

/// The schemes whose addresses are looked for in texts.
const SCHEMES: [&str; 4] = ["https://", "http://", "wss://", "ws://"];

/// The most bytes of a text that are looked at; no more than the beginning is kept.
const LOOKED_AT: usize = 4096;

/// An address without credentials, and with a mark for its query and its fragment.
pub(super) fn address(text: &str) -> String {
    let Ok(mut url) = Url::parse(text) else {
        let end = text.find(['?', '#']).unwrap_or(text.len());
        return marked(&text[..end], end < text.len());
    };
    if url.cannot_be_a_base() && url.scheme() != "about" {
        // `data:` and `blob:` hold their content, or nothing that would say more.
        return format!("{}:{LEFT_OUT}", url.scheme());
    }
    // An address that can't hold credentials refuses to lose them.
    if url.set_username("").is_err() || url.set_password(None).is_err() {
        tracing::trace!("an address has no room for credentials");
    }
    let had_more = url.query().is_some() || url.fragment().is_some();
    url.set_query(None);
    url.set_fragment(None);
    marked(url.as_str(), had_more)
}

/// A text with every address in it done so.
pub(super) fn text(whole: &str) -> String {
    let mut rest = &whole[..whole.floor_char_boundary(LOOKED_AT)];
    let mut scrubbed = String::with_capacity(rest.len().min(512));
    while let Some(at) = SCHEMES.iter().filter_map(|scheme| rest.find(scheme)).min() {
        let (before, from) = rest.split_at(at);
        let end = from.find(|character: char| {
            character.is_whitespace() || matches!(character, '"' | '\'' | '<' | '>' | '`' | ')')
        });
        let (found, after) = from.split_at(end.unwrap_or(from.len()));
        scrubbed.push_str(before);
        scrubbed.push_str(&address(found));
        rest = after;
    }
    scrubbed.push_str(rest);
    scrubbed
}

fn marked(address: &str, had_more: bool) -> String {
    let mut address = address.to_owned();
    if had_more {
        address.push('?');
        address.push(LEFT_OUT);
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_loses_its_secrets_and_stays_recognisable() {
        for (whole, scrubbed) in [
            ("https://a.example/b/c.png", "https://a.example/b/c.png"),
            ("http://u:p@a.example:81/b?k=v#f", "http://a.example:81/b?…"),
            ("https://a.example/#token=1", "https://a.example/?…"),
            ("data:image/png;base64,AAAA", "data:…"),
            ("about:blank", "about:blank"),
            ("blob:https://a.example/1-2", "blob:…"),
            ("/relative?secret", "/relative?…"),
        ] {
            assert_eq!(address(whole), scrubbed);
        }
    }

    #[test]
    fn every_address_in_a_text_is_scrubbed() {
        let said = "WebSocket connection to 'wss://a.example/x?key=1' failed (see http://u:p@b.example/?q)";
        let scrubbed =
            "WebSocket connection to 'wss://a.example/x?…' failed (see http://b.example/?…)";
        assert_eq!(text(said), scrubbed);
        assert_eq!(text("nothing to hide"), "nothing to hide");
        assert_eq!(text(&"ü".repeat(5000)).len(), LOOKED_AT);
    }
}
