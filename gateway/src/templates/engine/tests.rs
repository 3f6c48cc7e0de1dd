//! What templates make, what their errors say, and how far hostile ones get.

use std::time::{Duration, Instant};

use minijinja::value::Serde;
use serde_json::json;

use super::*;

fn made(source: &str, data: serde_json::Value) -> Result<String, String> {
    let source = source.to_owned();
    let work = move || render(&source, Value::from(Serde(data))).map_err(|e| e.to_string());
    // As in the press: some of these use much stack.
    let thread = std::thread::Builder::new().stack_size(256 * 1024 * 1024);
    thread.spawn(work).unwrap().join().unwrap()
}

fn check(data: &serde_json::Value, cases: &[(&str, &str)]) {
    for (source, expected) in cases {
        assert_eq!(
            made(source, data.clone()).as_deref(),
            Ok(*expected),
            "{source}"
        );
    }
}

#[test]
fn values_are_printed_as_nunjucks_prints_them() {
    let data = json!({ "html": "<b>&", "nothing": null, "half": 0.5, "two": 2.0, "yes": true, "list": [3, 1, 2] });
    check(
        &data,
        &[
            ("{{ html }}|{{ html | safe }}", "&lt;b&gt;&amp;|<b>&"),
            ("[{{ nothing }}{{ absent }}{{ absent.deep.er }}]", "[]"),
            (
                "{{ half }} {{ two }} {{ two * 2 }} {{ 6 / 2 }} {{ 7 / 2 }} {{ 7 // 2 }}",
                "0.5 2 4 3 3.5 3",
            ),
            (
                "{{ yes }} {{ 'a' if yes }}{{ 'b' if not yes }}{{ 'c' if absent else 'd' }}",
                "true ad",
            ),
            (
                "{{ list | sort | join('-') }} {{ list | sort(true) | join('-') }} {{ list.length }}",
                "1-2-3 3-2-1 3",
            ),
            (
                "{% for i in list %}{{ loop.index }}/{{ loop.length }}{{ ',' if not loop.last }}{% endfor %}",
                "1/3,2/3,3/3",
            ),
            (
                "{% if nothing == null and absent == null and yes === true %}ok{% endif %}",
                "ok",
            ),
            (
                "{% if half > 1 %}a{% elseif half %}b{% else %}c{% endif %}",
                "b",
            ),
            (
                "{% set n = 0 %}{% for i in list %}{% set n = n + i %}{% endfor %}{{ n }}",
                "6",
            ),
            (
                "{% macro m(x, y=2) %}{{ x + y }}{% endmacro %}{{ m(1) }}{{ m(1, y=5) }}",
                "36",
            ),
            ("a{#- comment -#} b", "ab"),
            (
                "{{ absent or 'other' }}{{ '' | default('x', true) }}{{ absent | default('y') }}",
                "otherxy",
            ),
            ("{{ [1, 2] | dump | safe }}", "[1,2]"),
        ],
    );
}

#[test]
fn a_carried_variable_begins_with_what_the_data_says() {
    let sum = "{% set total = total or 0 %}{% for r in rows %}{% set total = total + r.x %}{% endfor %}{{ total }}";
    let late = "{{ total is defined }} {{ total }}{% for r in rows %}{% set total = r.x %}{% endfor %}{% set total = 7 %}";
    let rows = json!([{ "x": 1 }, { "x": 2 }]);
    check(
        &json!({ "total": 5, "rows": rows }),
        &[(sum, "8"), (late, "true 5")],
    );
    check(&json!({ "rows": rows }), &[(sum, "3"), (late, "false ")]);
}

#[test]
fn maps_are_gone_over_in_the_order_they_were_sent_in() {
    let data = super::super::Data::parse(r#"{"m": {"z": 1, "a": 2}}"#).unwrap();
    let data = data.value().unwrap();
    let made = render("{% for k, v in m %}{{ k }}={{ v }};{% endfor %}", data).unwrap();
    assert_eq!(made, "z=1;a=2;");
}

#[test]
fn methods_of_javascript_work_where_templates_use_them_most() {
    let data = json!({ "name": "Ada Lovelace", "price": 3, "list": ["a", "b", "c"] });
    check(
        &data,
        &[
            (
                "{{ price.toFixed(2) }} {{ (price / 7).toFixed(3) }}",
                "3.00 0.429",
            ),
            (
                "{{ name.toUpperCase() }} {{ name.split(' ')[1] }}",
                "ADA LOVELACE Lovelace",
            ),
            (
                "{{ name.slice(0, 3) }}{{ name.slice(-4) }}{{ name.substring(4, 0) }}",
                "AdalaceAda ",
            ),
            (
                "{{ name.includes('Love') }} {{ name.indexOf('L') }} {{ name.charAt(1) }}",
                "true 4 d",
            ),
            (
                "{{ list.join('+') }} {{ list.slice(1).join() }} {{ list.indexOf('c') }}",
                "a+b+c b,c 2",
            ),
            (
                "{{ '7'.padStart(3, '0') }}{{ 'ab'.repeat(2) }}{{ 'x-y'.replace('-', '_') }}",
                "007ababx_y",
            ),
        ],
    );
    let error = made("{{ name.shout() }}", data).unwrap_err();
    assert!(error.contains("no method `shout`"), "{error}");
}

#[test]
fn money_and_dates_are_those_of_the_locale() {
    check(
        &json!({}),
        &[
            ("{{ formatCurrency('en-GB', 'EUR', 150.1) }}", "€150.10"),
            (
                "{{ formatDateTime('fr_FR', '27 March, 2020') }}",
                "27 mars 2020",
            ),
            (
                "{{ formatCurrency('de-DE', 'EUR', 1234567.895) }}",
                "1.234.567,90\u{a0}€",
            ),
            ("{{ formatCurrency('en-US', 'USD', '-5') }}", "-$5.00"),
            ("{{ formatCurrency('ja-JP', 'JPY', 1999.5) }}", "￥2,000"),
            (
                "{{ formatCurrency('en-IN', 'INR', 12345678) }}",
                "₹1,23,45,678.00",
            ),
            (
                "{{ formatDateTime('en-US', '2026-11-02') }}",
                "November 2, 2026",
            ),
            (
                "{{ formatDateTime('de_DE', '2026-11-02T10:00:00Z') }}",
                "2. November 2026",
            ),
            ("{{ formatDateTime('ja', '2026-11-02') }}", "2026年11月2日"),
            (
                "[{{ formatCurrency('en', 'USD', null) }}{{ formatDateTime('en', absent) }}]",
                "[]",
            ),
            (
                "{{ '2026-11-02' | date('DD.MM.YYYY') }} {{ '2026-11-02' | date }}",
                "02.11.2026 November 2, 2026",
            ),
        ],
    );
}

#[test]
fn an_error_says_what_is_wrong_and_where() {
    let data = json!({ "a": "text" });
    for (source, expected) in [
        ("ok\n  {{ a | nothing }}", "line 2, column"),
        (
            "{% if a %}\n\nx",
            "line 1, column 11: syntax error: unexpected end",
        ),
        (
            "one\ntwo {{ a + 1 }}",
            "line 2, column 8: invalid operation",
        ),
        (
            "{{ a === 1 }}{% set n = 0 %}{% for i in [1] %}{% set n = i %}{% endfor %}\né {{ missing() }}",
            "line 2, column 6",
        ),
        ("{{ formatCurrency('en', 'money', 1) }}", "three letters"),
        ("{{ formatCurrency('en', 'USD', 'much') }}", "not \"much\""),
        ("{{ formatDateTime('en', 'soon') }}", "not \"soon\""),
        (
            "{{ formatDateTime('no locale!', '2020-01-01') }}",
            "a locale",
        ),
        ("{% include 'other.html' %}", "can't include"),
        (
            "{% macro m() %}\n{{ 1 + 'a' }}{% endmacro %}{{ m() }}",
            "line 2",
        ),
        ("{% unknown %}", "line 1"),
    ] {
        let error = made(source, data.clone()).unwrap_err();
        assert!(error.contains(expected), "{source}: {error}");
        assert!(!error.contains("platen"), "{error}");
    }
}

/// Runs a template that must be refused, and soon.
fn refused(source: &str) -> String {
    let data = json!({ "text": "x".repeat(1_000_000), "list": [[1], [2]] });
    let started = Instant::now();
    let error = made(source, data).unwrap_err();
    // Many times what it takes on a busy machine, and nothing beside what these would take unbounded.
    assert!(
        started.elapsed() < Duration::from_secs(20),
        "{source}: {:?}",
        started.elapsed()
    );
    error
}

#[test]
fn hostile_templates_are_refused_soon() {
    for source in [
        "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% for a in range(100000) %}{{ text }}{% endfor %}",
        "{% set s = 'xxxxxxxx' %}{% for a in range(60) %}{% set s = s ~ s %}{% endfor %}{{ s }}",
        "{{ text.replaceAll('x', text) }}",
        "{{ text.replaceAll('', text) }}",
        "{{ [text, text].join(text).replace('', text).repeat(100000) }}",
        "{% for a in range(100000) %}{% set b = text.indexOf('y') %}{% endfor %}",
        "{{ ''.padStart(1e9) }}",
        "{{ range(1e18) }}",
        "{{ 'x' * 100000000000 }}",
    ] {
        refused(source);
    }
    for (part, times) in [
        ("{% if 1 %}", 50_000),
        ("{% if 1 %}", 5_000),
        ("{{ -1 + ", 5_000),
        ("{{ (", 5_000),
    ] {
        refused(&part.repeat(times));
    }
    for part in ["-", "not ", "(", "1 + ", "1 if 1 else ", "[", "a.", "a|"] {
        refused(&format!("{{{{ {}1 }}}}", part.repeat(100_000)));
    }
}

#[test]
fn the_deepest_templates_that_are_taken_do_not_end_the_process() {
    for source in [
        format!("{{{{ {}1 }}}}", "- ".repeat(1_900)),
        format!("{{{{ {}1 }}}}", "not ".repeat(1_900)),
        format!("{{{{ {}1 }}}}", "1 + ".repeat(900)),
        format!("{{{{ 1{} }}}}", ".a".repeat(900)),
        format!("{{{{ {}1 }}}}", "0 if 0 else ".repeat(450)),
        format!("{{% if 0 %}}{}{{% endif %}}x", "{% elif 0 %}".repeat(9_900)),
    ] {
        drop(made(&source, json!({})));
    }
}

#[test]
fn values_in_values_do_not_end_the_process() {
    let nested = "{% set a = [] %}{% for i in range(100000) %}{% set a = [a] %}{% endfor %}done";
    let ended = made(nested, json!({}));
    assert!(
        ended.is_err() || ended.as_deref() == Ok("done"),
        "{ended:?}"
    );
}

#[test]
fn a_document_of_ten_megabytes_is_the_longest() {
    let source = "{{ text }}{{ text }}{{ text }}{{ text }}{{ text }}{{ text }}";
    let text = |length: usize| json!({ "text": "x".repeat(length) });
    assert_eq!(made(source, text(1_000_000)).unwrap().len(), 6_000_000);
    let error = made(source, text(1_900_000)).unwrap_err();
    assert_eq!(error, "makes a document of more than 10 MiB");
}
