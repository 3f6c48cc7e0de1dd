//! What letters are written in that the wanted font lacks: by their script, in the order of the table,
//! as far as it is installed.

use parley::fontique::{Collection, FallbackKey, FamilyId, GenericFamily, Language, Script};

/// Scripts by their ISO 15924 codes, and fonts that write them.
const SCRIPTS: &[([u8; 4], &[&str])] = &[
    (
        *b"Arab",
        &["Noto Sans Arabic", "Noto Naskh Arabic", "DejaVu Sans"],
    ),
    (*b"Armn", &["Noto Sans Armenian"]),
    (*b"Beng", &["Noto Sans Bengali"]),
    (
        *b"Bopo",
        &["Noto Sans CJK TC", "Noto Sans TC", "Noto Sans CJK JP"],
    ),
    (*b"Cher", &["Noto Sans Cherokee"]),
    (*b"Deva", &["Noto Sans Devanagari"]),
    (*b"Ethi", &["Noto Sans Ethiopic"]),
    (*b"Geor", &["Noto Sans Georgian"]),
    (*b"Gujr", &["Noto Sans Gujarati"]),
    (*b"Guru", &["Noto Sans Gurmukhi"]),
    (
        *b"Hang",
        &["Noto Sans CJK KR", "Noto Sans KR", "NanumGothic"],
    ),
    (
        *b"Hani",
        &[
            "Noto Sans CJK SC",
            "Noto Sans SC",
            "Noto Sans CJK JP",
            "Noto Sans JP",
            "WenQuanYi Zen Hei",
            "Droid Sans Fallback",
        ],
    ),
    (*b"Hebr", &["Noto Sans Hebrew", "DejaVu Sans"]),
    (
        *b"Hira",
        &[
            "Noto Sans CJK JP",
            "Noto Sans JP",
            "IPAGothic",
            "TakaoGothic",
        ],
    ),
    (
        *b"Kana",
        &[
            "Noto Sans CJK JP",
            "Noto Sans JP",
            "IPAGothic",
            "TakaoGothic",
        ],
    ),
    (*b"Khmr", &["Noto Sans Khmer"]),
    (*b"Knda", &["Noto Sans Kannada"]),
    (*b"Laoo", &["Noto Sans Lao"]),
    (*b"Mlym", &["Noto Sans Malayalam"]),
    (*b"Mong", &["Noto Sans Mongolian"]),
    (*b"Mymr", &["Noto Sans Myanmar"]),
    (*b"Nkoo", &["Noto Sans NKo"]),
    (*b"Olck", &["Noto Sans Ol Chiki"]),
    (*b"Orya", &["Noto Sans Oriya"]),
    (*b"Sinh", &["Noto Sans Sinhala"]),
    (*b"Syrc", &["Noto Sans Syriac"]),
    (*b"Taml", &["Noto Sans Tamil"]),
    (*b"Telu", &["Noto Sans Telugu"]),
    (*b"Tfng", &["Noto Sans Tifinagh"]),
    (*b"Thaa", &["Noto Sans Thaana"]),
    (*b"Thai", &["Noto Sans Thai", "Noto Looped Thai"]),
    (*b"Tibt", &["Noto Serif Tibetan", "Noto Sans Tibetan"]),
    (*b"Yiii", &["Noto Sans Yi"]),
    // Nothing of their own: letters of most fonts, signs and symbols.
    (*b"Cyrl", &[]),
    (*b"Grek", &[]),
    (*b"Latn", &[]),
    (*b"Zinh", &[]),
    (*b"Zsym", &[]),
    (*b"Zyyy", &[]),
    (*b"Zzzz", &[]),
];

/// The same for scripts that languages write each in its own way: Han as in Japanese and Korean text.
const LANGUAGES: &[(&str, [u8; 4], &[&str])] = &[
    (
        "ja",
        *b"Hani",
        &[
            "Noto Sans CJK JP",
            "Noto Sans JP",
            "IPAGothic",
            "TakaoGothic",
        ],
    ),
    (
        "ko",
        *b"Hani",
        &["Noto Sans CJK KR", "Noto Sans KR", "NanumGothic"],
    ),
];

/// After those of the script: many scripts and symbols.
const ANY: &[&str] = &[
    "Noto Sans",
    "DejaVu Sans",
    "Noto Sans Symbols",
    "Noto Sans Symbols2",
    "Noto Sans Symbols 2",
    "Noto Sans Math",
    "Noto Music",
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Noto Color Emoji",
    "FreeSans",
    "Unifont",
];

/// Coloured ones first.
const EMOJI: &[&str] = &[
    "Noto Color Emoji",
    "Twemoji",
    "Twitter Color Emoji",
    "Noto Emoji",
];

/// Tells a collection.
pub(super) fn install(fonts: &mut Collection) {
    let any = ids(fonts, ANY);
    for (script, names) in SCRIPTS {
        let families = ids(fonts, names).into_iter().chain(any.iter().copied());
        let families: Vec<FamilyId> = families.collect();
        let key = FallbackKey::new(Script::from_bytes(*script), None);
        fonts.set_fallbacks(key, families.into_iter());
    }
    for (language, script, names) in LANGUAGES {
        let families = ids(fonts, names).into_iter().chain(any.iter().copied());
        let families: Vec<FamilyId> = families.collect();
        let language = Language::parse(language).ok();
        let key = FallbackKey::new(Script::from_bytes(*script), language.as_ref());
        fonts.set_fallbacks(key, families.into_iter());
    }
    let emoji = ids(fonts, EMOJI);
    fonts.set_generic_families(GenericFamily::Emoji, emoji.into_iter());
}

/// The language that the parts of a text tell by their letters, as far as it matters: Japanese is not without kana for long, nor
/// Korean without hangul.
pub(in crate::native) fn language<'a>(
    parts: &(impl Iterator<Item = &'a str> + Clone),
) -> Option<Language> {
    let has = |is: fn(char) -> bool| parts.clone().any(|part| part.chars().any(is));
    let tag = if has(is_kana) {
        "ja"
    } else if has(is_hangul) {
        "ko"
    } else {
        return None;
    };
    Language::parse(tag).ok()
}

/// The dot between words, U+30FB, stands in Chinese names too.
const fn is_kana(letter: char) -> bool {
    matches!(letter, '\u{3041}'..='\u{30fa}' | '\u{30fc}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{ff66}'..='\u{ff9f}')
}

const fn is_hangul(letter: char) -> bool {
    matches!(letter, '\u{1100}'..='\u{11ff}' | '\u{3131}'..='\u{318e}' | '\u{ac00}'..='\u{d7a3}')
}

fn ids(fonts: &mut Collection, names: &[&str]) -> Vec<FamilyId> {
    names
        .iter()
        .filter_map(|name| fonts.family_id(name))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kana_tell_japanese_and_hangul_korean() {
        for (text, expected) in [
            ("日本語の組版", Some("ja")),
            ("ﾃｽﾄ 漢字", Some("ja")),
            ("한국어 漢字", Some("ko")),
            ("你好，世界", None),
            ("约翰・史密斯", None),
            ("Hello", None),
        ] {
            let told = language(&["Words", text].into_iter());
            assert_eq!(told.as_ref().map(Language::as_str), expected, "{text}");
        }
    }
}
