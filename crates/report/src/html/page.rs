//! The frame of every page: head with the policy, the landmarks, a list of the sections, and the one place where text
//! that cannot be seen is made visible.
//!
//! The policy (Content Security Policy Level 3) allows nothing but the style and the script that stand in the page, each
//! by its SHA-256 (s. 2.3.1), so a name that got out of its place could still neither run nor fetch anything.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use crate::escape::visible;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// A page to be.
pub(super) struct Page {
    /// For the window and the bookmark.
    pub(super) title: String,
    /// What stands above the sections.
    pub(super) head: Markup,
    /// In order.
    pub(super) sections: Vec<Section>,
}

/// A part of the page with a heading.
pub(super) struct Section {
    /// Its anchor.
    pub(super) id: Cow<'static, str>,
    /// Where the page lists its sections.
    pub(super) short: Cow<'static, str>,
    /// Its heading.
    pub(super) title: String,
    /// What stands below.
    pub(super) body: Markup,
}

/// The page as text: it ends with a line feed and has none in what is not style or script.
pub(super) fn render(page: &Page) -> String {
    let head = html! {
        meta name="viewport" content="width=device-width, initial-scale=1";
        meta name="color-scheme" content="light dark";
        meta name="referrer" content="no-referrer";
        meta name="generator" content="Firstlight";
        title { (page.title) }
    };
    let body = html! {
        a class="skip" href="#main" { "Skip to the report" }
        header { (page.head) }
        @if page.sections.len() > 1 {
            nav aria-label="Sections" {
                ul { @for section in &page.sections { li { a href={ "#" (section.id) } { (section.short) } } } }
            }
        }
        main id="main" tabindex="-1" {
            @for section in &page.sections {
                section aria-labelledby=(section.id) {
                    h2 id=(section.id) { (section.title) }
                    (section.body)
                }
            }
        }
        footer {
            p {
                "Made by Firstlight. Times are in UTC; sizes in powers of a thousand, those of contacts without \
                 headers and repetitions. This page loads nothing and sends nothing."
            }
        }
    };
    let policy = format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    );
    // The markup has no line feed and nothing else that is hidden, so whatever is comes from a name.
    format!(
        "{}<html lang=\"en\"><head><meta charset=\"utf-8\">{}{}<style>{STYLE}</style><script>{SCRIPT}</script></head>\
         <body>{}</body></html>\n",
        DOCTYPE.0,
        html! { meta http-equiv="Content-Security-Policy" content=(PreEscaped(policy)); }.0,
        visible(&head.0),
        visible(&body.0)
    )
}

/// As the policy names it.
fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}
