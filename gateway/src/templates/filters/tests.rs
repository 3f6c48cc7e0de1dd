//! Filters that Nunjucks has otherwise.

use minijinja::value::Serde;
use serde_json::json;

use super::super::engine::render;
use super::*;

fn check(cases: &[(&str, &str)]) {
    let data = json!({
        "rows": [{ "n": 1.5, "g": "b" }, { "n": "2", "g": "a" }],
        "text": "One <b>two</b>\nthree & four",
        "map": { "length": 7 },
    });
    for (source, expected) in cases {
        let made = render(source, Value::from(Serde(&data))).map_err(|error| error.to_string());
        assert_eq!(made.as_deref(), Ok(*expected), "{source}");
    }
}

#[test]
fn numbers_are_rounded_as_people_round() {
    check(&[
        (
            "{{ 2.5 | round }} {{ 3.5 | round }} {{ 1.005 | round(2) }}",
            "3 4 1.01",
        ),
        (
            "{{ 2.1 | round(0, 'ceil') }} {{ 2.9 | round(0, 'floor') }} {{ 1234 | round(-2) }}",
            "3 2 1200",
        ),
        ("{{ '4.7' | round }}", "5"),
    ]);
}

#[test]
fn arguments_come_in_nunjucks_order() {
    check(&[
        (
            "{{ rows | sum('n') }} {{ [1, 2] | sum }} {{ rows | sum('n', 10) }}",
            "3.5 3 13.5",
        ),
        (
            "{% for r in rows | sort(false, true, 'g') %}{{ r.g }}{% endfor %}",
            "ab",
        ),
        (
            "{% for r in rows | sort(attribute='g', reverse=true) %}{{ r.g }}{% endfor %}",
            "ba",
        ),
        (
            "{{ 'a long sentence' | truncate(8) }}|{{ 'a long sentence' | truncate(8, true, '…') }}",
            "a long...|a long s…",
        ),
        (
            "{% for g, items in rows | groupby('g') %}{{ g }}{{ items.length }}{% endfor %}",
            "a1b1",
        ),
        ("{{ rows | selectattr('g') | list | length }}", "2"),
    ]);
}

#[test]
fn texts_are_escaped_unless_they_are_markup() {
    check(&[
        (
            "{{ text | nl2br }}",
            "One &lt;b&gt;two&lt;&#x2f;b&gt;<br />\nthree &amp; four",
        ),
        ("{{ text | striptags }}", "One two three &amp; four"),
        ("{{ 'a <!-- b > c --> d < e' | striptags }}", "a d &lt; e"),
        ("{{ {a: '<'} | dump }}", "{&quot;a&quot;:&quot;&lt;&quot;}"),
        (
            "{{ 'one two' | wordcount }}{{ 'ab' | center(5) | replace(' ', '.') }}",
            "2..ab.",
        ),
        ("{{ map.length }} {{ 5.length }}{{ absent.length }}", "7 "),
    ]);
}

#[test]
fn joiners_and_cyclers_remember() {
    check(&[
        (
            "{% set c = joiner('; ') %}{% for i in [1, 2, 3] %}{{ c() }}{{ i }}{% endfor %}",
            "1; 2; 3",
        ),
        (
            "{% set c = cycler('a', 'b') %}{% for i in [1, 2, 3] %}{{ c.next() }}{% endfor %}",
            "aba",
        ),
        (
            "{{ rows is truthy }}{{ absent is falsy }}{{ null is null }}",
            "truetruetrue",
        ),
    ]);
}
