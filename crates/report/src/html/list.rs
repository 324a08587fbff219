//! Lists that take no more than a number of bytes.

use maud::{Markup, PreEscaped, html};

use crate::units::count;
use crate::{Length, Style};

/// What of a list is in the page.
pub(super) struct List {
    /// The elements that fit.
    pub(super) body: Markup,
    /// How many there are of them.
    pub(super) shown: usize,
}

/// The first elements, as many as fit; all of them when all is asked for.
pub(super) fn list<T>(style: &Style, bytes: usize, items: &[T], element: impl Fn(&T) -> Markup) -> List {
    let mut body = String::new();
    let mut shown = 0;
    for item in items {
        let markup = element(item).0;
        if style.length == Length::Short && body.len() + markup.len() > bytes {
            break;
        }
        body.push_str(&markup);
        shown += 1;
    }
    List { body: PreEscaped(body), shown }
}

/// `… and 3 more kinds`, and where they are; nothing where nothing is left out.
pub(super) fn more(left_out: usize, what: &str) -> Markup {
    html! {
        @if left_out > 0 {
            p class="more-of" { "… and " (count(left_out as u64)) " more" (what) ": --all has them, and so has --format json." }
        }
    }
}
