//! What passes as a header's HTML, and what does not.

use proptest::prelude::*;

use super::*;

#[test]
fn what_headers_are_made_of_passes() {
    for html in [
        "",
        "Page <span class=pageNumber></span> of <span class='totalPages'></span>",
        "<div style=\"font-size:10px; width:100%\">only = 5, x@import.com &lt;link&gt;</div>",
        "<img src=\"data:image/png;base64,iVBORw0KGgo=\" width=10>",
        "<style>p > b { color: red } @media print { p { margin: 0 } }</style><p>a</p>",
        "<svg viewBox='0 0 1 1'><style>.a{fill:red}</style><use href='#x'/></svg>",
        "<a href=\"https://example.com\">example.com</a>",
        "<table background=''><tr><td>1 < 2</td></tr></table>",
        "<div style='background:url(&quot;data:image/png;base64,AA==&quot;)'></div>",
        "<svg><rect fill='url(#paint)'/></svg>",
        "<div style='background:url(data:image/png;base64,AA==)'></div>",
        "<b",
        "<b x=\"unfinished",
        "größe <i>ü</i>",
    ] {
        assert_eq!(check(html), Ok(()), "{html}");
    }
}

#[track_caller]
fn refused(table: &[(&str, &str)]) {
    for (html, named) in table {
        let fault = check(html).expect_err(html);
        assert!(fault.contains(named), "{html}: {fault}");
    }
}

#[test]
fn elements_and_handlers_that_load_or_run_are_refused_and_named() {
    refused(&[
        (
            "<link rel=stylesheet href=https://example.com/a.css>",
            "`<link`",
        ),
        ("<LINK/rel=stylesheet>", "`<link`"),
        ("<!-- <link> -->", "`<link`"),
        ("<p title='<link href=x>'>", "`<link`"),
        ("<script>1</script>", "`<script`"),
        ("<iframe srcdoc='x'>", "`<iframe`"),
        ("<object data=x>", "`<object`"),
        ("<embed>", "`<embed`"),
        ("<base href=x>", "`<base`"),
        ("<meta http-equiv=refresh>", "`<meta`"),
        ("<img src=data:, onerror=alert(1)>", "`onerror`"),
        ("<img src='data:,'onload=alert(1)>", "`onload`"),
        ("<b/onclick = 'x'>", "`onclick`"),
        ("<!-- <b title=\" --><img onerror=x title=\">", "`onerror`"),
        ("<img src=https://example.com/a.png>", "`src` of `<img>`"),
        ("<img src=\" /a.png\">", "`src` of `<img>`"),
        ("<img srcset='https://example.com/a.png 2x'>", "`srcset`"),
        ("<svg><image xlink:href='a.png'/></svg>", "`xlink:href`"),
        (
            "<svg><rect><set attributename=fill to=x></rect></svg>",
            "`<set`",
        ),
    ]);
}

#[test]
fn css_that_loads_is_refused_however_it_is_written() {
    refused(&[
        (
            "<style>@import url(https://example.com/a.css)</style>",
            "`@import`",
        ),
        ("<style>@\\69mport 'a'</style>", "`@import`"),
        ("<style title='</style>'>@import 'a'</style>", "`@import`"),
        ("<style title=\">\">@import 'a'", "`@import`"),
        ("<style>a</stylex @import 'a'</style>", "inside `<style>`"),
        (
            "<svg><style>&#64;import 'a'</style></svg>",
            "inside `<style>`",
        ),
        (
            "<svg><style>@<g></g>import 'a'</style></svg>",
            "inside `<style>`",
        ),
        (
            "<svg><style><![CDATA[@import 'a']]></style></svg>",
            "inside `<style>`",
        ),
        (
            "<style>p{background:url(https://example.com/a.png)}</style>",
            "data:",
        ),
        (
            "<svg><rect fill='url(https://example.com/a.svg#x)'/></svg>",
            "data:",
        ),
        ("<svg><rect filter=&#117;rl(a.svg#x) /></svg>", "data:"),
        ("<svg><rect mask='url&lpar;a.svg)'/></svg>", "data:"),
        ("<svg><rect mask='&bsol;75 rl(a.svg)'/></svg>", "data:"),
        (
            "<style>@font-face{font-family:x;src:u\\72l('https://example.com/a')}</style>",
            "data:",
        ),
        ("<div style='background:url(//example.com/a.png)'>", "data:"),
    ]);
}

#[test]
fn too_many_tags_are_refused() {
    assert_eq!(check(&"<b>".repeat(MOST_TAGS)), Ok(()));
    assert!(
        check(&"<b>".repeat(MOST_TAGS + 1))
            .unwrap_err()
            .contains("1000 tags")
    );
}

proptest! {
    #[test]
    fn no_text_stops_the_check(html in "[<>/='\"a-zA-Z \\\\@&;ü-]{0,60}") {
        drop(check(&html));
    }

    #[test]
    fn a_link_is_found_wherever_it_stands(
        before in "[<>/='\"a-z !-]{0,30}",
        after in "[<>/='\"a-z !-]{0,30}",
    ) {
        let html = format!("{before}<link {after}");
        prop_assert!(check(&html).is_err());
    }
}
