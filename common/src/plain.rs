//! Text from outside as one plain line: nothing in it moves a terminal's cursor or turns its text around.

/// The text with a space for every control character and every one that overrides the direction of writing.
/// Never longer than it was.
pub fn plain(text: &str) -> String {
    let shown = |character: char| if is_plain(character) { character } else { ' ' };
    text.chars().map(shown).collect()
}

fn is_plain(character: char) -> bool {
    !character.is_control()
        && !matches!(
            character,
            '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_steers_a_terminal_is_left() {
        let hostile = "a\u{1b}]0;x\u{7}b\r\nc\u{9b}31m\u{202e}d\u{2066}e";
        assert_eq!(plain(hostile), "a ]0;x b  c 31m d e");
        assert_eq!(plain("Grüße, 世界 😀"), "Grüße, 世界 😀");
    }
}
