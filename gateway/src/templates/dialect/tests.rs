//! What becomes of Nunjucks' own words, and that places are kept.

use super::*;

fn text(source: &str) -> String {
    translate(source).unwrap().text
}

fn check(cases: &[(&str, &str)]) {
    for (source, expected) in cases {
        assert_eq!(text(source), *expected, "{source}");
    }
}

#[test]
fn what_both_languages_say_alike_stays_as_it_is() {
    for source in [
        "",
        "plain { text } with } braces {",
        "{{ a.b[0] | join(', ') }}{% if a == 1 and not b %}x{% elif c %}y{% endif %}",
        "{# === null {{ #}",
        "{{ \"a === null .length\" }}",
        "{% raw %}{{ a === null }}{% endraw %}",
        "{% for a in b -%} {{ loop.length }} {%- endfor %}",
        "{{ unfinished",
        "{% raw %} never closed {{ a === b }}",
        "{{ {\"a\": {\"b\": 1}} }}",
    ] {
        assert_eq!(text(source), source);
    }
}

#[test]
fn comparisons_and_words_are_translated() {
    check(&[
        ("{{ a === 1 }}", "{{ a == 1 }}"),
        ("{% if a !== 'x' %}", "{% if a != 'x' %}"),
        ("{% if a == null %}", "{% if a  is platen_nullish %}"),
        (
            "{% if a != undefined %}",
            "{% if a  is not platen_nullish %}",
        ),
        ("{% if a === null %}", "{% if a  is none %}"),
        ("{{ f(null) }}", "{{ f(none) }}"),
        ("{% elseif a %}", "{% elif a %}"),
        (
            "{%- asyncEach a in b -%}{%- endeach %}",
            "{%- for a in b -%}{%- endfor %}",
        ),
        (
            "{% verbatim %}{{ a === b }}{% endverbatim %}",
            "{% raw %}{{ a === b }}{% endraw %}",
        ),
        ("{{ items.length > 2 }}", "{{ items|platen_length > 2 }}"),
        (
            "{{ loop.length + a.loop.length }}",
            "{{ loop.length + a.loop|platen_length }}",
        ),
        (
            "{{ {name: 1, 'b': name} }}",
            "{{ {\"name\": 1, 'b': name} }}",
        ),
        (
            "{% for k, v in map %}",
            "{% for k, v in ( map)|platen_pairs  %}",
        ),
    ]);
}

#[test]
fn a_variable_that_a_loop_changes_is_carried_out_of_it() {
    let source =
        "{% set n = 0 %}{% for i in list %}{% set n = n + i %}{% endfor %}{{ n }} {{ i.n }}";
    let expected = "{% set platen_carried = namespace(n=n) %}{% set platen_carried.n = 0 %}{% for i in list %}\
        {% set platen_carried.n = platen_carried.n + i %}{% endfor %}{{ platen_carried.n }} {{ i.n }}";
    assert_eq!(text(source), expected);
    let odd = text("{% set not = 0 %}{% for i in list %}{% set not = i %}{% endfor %}");
    assert!(odd.contains("namespace()"), "no variable of data: {odd}");
    for source in [
        "{% for i in list %}{% set n = i %}{{ n }}{% endfor %}",
        "{% set n = 0 %}{{ n }}",
        "{% set n = 0 %}{% for n in list %}{% set n = n %}{% endfor %}",
    ] {
        assert_eq!(text(source), source);
    }
}

#[test]
fn every_place_is_known_by_where_it_came_from() {
    let source =
        "{% set n = 0 %}{% for i in l %}{% set n = n + i %}{% endfor %}\n{{ a === 1 }}{{ here }}";
    let translated = translate(source).unwrap();
    let at = translated.text.find("here").unwrap();
    assert_eq!(translated.origin(at), source.find("here").unwrap());
    assert_eq!(translate("plain").unwrap().origin(3), 3);
}

#[test]
fn what_would_lead_the_compiler_too_deep_is_refused() {
    for (source, at) in [
        (format!("ab{{{{ 1{} }}}}", " + 1".repeat(MOST_TOKENS)), 5),
        ("{{ 1 }}".repeat(MOST_TAGS + 1), 7 * MOST_TAGS + 3),
    ] {
        assert_eq!(translate(&source).unwrap_err().offset, at);
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_translated(source in "(\\{\\{|\\}\\}|\\{%|%\\}|\\{#|raw|set |for |in |null|===|\"|\\\\|é|[ a.,:|=-]){0,40}") {
        let translated = translate(&source).unwrap();
        proptest::prop_assert!(translated.origin(translated.text.len()) <= source.len());
        crate::templates::check(&source).ok();
    }
}
