//! Takes out of addresses what may be a secret: credentials, queries, fragments. A job's owner knows
//! them, but what is noted of a page is kept for long, and is read by more people than made the request.

use common::plain::plain;
use url::Url;

/// Stands for what was taken out.
const LEFT_OUT: char = '…';

/// What may close a word after an address.
const CLOSERS: [char; 9] = ['\'', ')', '>', '`', ']', '.', ',', ';', ':'];

/// The most bytes of a text that are looked at; no more than the beginning is kept.
const LOOKED_AT: usize = 4096;

/// An address without credentials, and with a mark for its query and its fragment.
pub(super) fn address(text: &str) -> String {
    let Ok(mut url) = Url::parse(text) else {
        let end = text.find(['?', '#']).unwrap_or(text.len());
        return marked(&anonymous(&text[..end]), end < text.len());
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

/// A text in one plain line, with every address in it done so.
pub(super) fn text(whole: &str) -> String {
    let looked_at = &whole[..whole.floor_char_boundary(LOOKED_AT)];
    let mut clean = String::with_capacity(looked_at.len());
    for ended in looked_at.split_inclusive(is_end) {
        let word = ended.trim_end_matches(is_end);
        clean.push_str(&scrubbed(word));
        clean.push_str(&ended[word.len()..]);
    }
    // Only now: a control character may stand within an address, and would end it.
    plain(&clean)
}

/// Whether it ends a word, and with it an address.
fn is_end(character: char) -> bool {
    character.is_whitespace() || character == '"'
}

/// A word without the secrets of the addresses in it. An address with a query reaches to the word's end,
/// since a query may hold brackets and quotes.
fn scrubbed(word: &str) -> String {
    let Some(end) = query(word) else {
        return anonymous(word);
    };
    let (before, query) = word.split_at(end);
    let secret = query.trim_end_matches(CLOSERS);
    if secret.len() <= 1 {
        return anonymous(word);
    }
    marked(&anonymous(before), true) + &query[secret.len()..]
}

/// Where the query or the fragment of a word's address begins: after a host, or, of a path alone, if it
/// assigns something.
fn query(word: &str) -> Option<usize> {
    let after = |at: usize| Some(at + word[at..].find(['?', '#'])?);
    let of_host = word.find("//").and_then(after);
    of_host.or_else(|| after(word.find('/')?).filter(|&at| word[at..].contains('=')))
}

/// A text without credentials before the hosts in it.
fn anonymous(text: &str) -> String {
    let mut parts = text.split("//");
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(['/', '\\', '?', '#']).unwrap_or(part.len());
        let host = part[..end].rfind('@').map_or(0, |at| at + 1);
        kept.push_str("//");
        kept.push_str(&part[host..]);
    }
    kept
}

fn marked(address: &str, had_more: bool) -> String {
    let mut address = plain(address);
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
            ("//u:p@h/x?token=1", "//h/x?…"),
            ("https://u:p@h:99999/?q", "https://h:99999/?…"),
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

    #[test]
    fn addresses_are_found_in_every_shape() {
        for (whole, scrubbed) in [
            ("at HTTPS://u:p@h/?t=1 now", "at HTTPS://h/?… now"),
            ("src //u:p@h/x?token=1", "src //h/x?…"),
            ("GET /api?token=1 failed", "GET /api?… failed"),
            ("back at /#token=1", "back at /?…"),
            ("https://h/?f=(a)&token=SECRET", "https://h/?…"),
            ("https://h/?f='a'`b`<c>&t=SECRET.", "https://h/?…."),
            ("https://h/?a=\u{1b}SECRET", "https://h/?…"),
            (
                "{\"a\":\"wss://u:p@h\",\"b\":1}",
                "{\"a\":\"wss://h\",\"b\":1}",
            ),
            ("http://u:p@a/,http://u:p@b/#x", "http://a/,http://b/?…"),
        ] {
            assert_eq!(text(whole), scrubbed);
        }
    }

    #[test]
    fn prose_is_kept_as_the_page_wrote_it() {
        for said in [
            "is it a/b? or c = d?",
            "why? x=1 (me@a.example)",
            "yes/no?",
            "see https://a.example/b? No.",
            "a // b == c ? d : e",
        ] {
            assert_eq!(text(said), said);
        }
    }

    #[test]
    fn nothing_steers_a_terminal() {
        assert_eq!(text("a\u{1b}[2J\nb\u{202e}"), "a [2J b ");
        assert_eq!(address("x\u{1b}y?z"), "x y?…");
    }
}
