//! What stands above a table that the script of the page sorts and filters.

use maud::{Markup, html};

/// Values that can be chosen.
const CHOICES: usize = 100;

/// A choice of rows: by the text of the column of that class, or as the script knows it (`kind`, `machine`).
pub(super) struct Choice<'a> {
    pub(super) label: &'a str,
    pub(super) by: &'a str,
    /// What is compared, and how it reads.
    pub(super) values: Vec<(String, &'a str)>,
}

/// For the table whose `data-sortable` is `name`.
pub(super) fn tools(name: &str, of: &str, hint: &str, rows: &str, choices: &[Choice<'_>]) -> Markup {
    html! {
        div class="tools" role="group" aria-label={ "What of the " (of) " is shown" } {
            label { "Filter" input type="search" data-filter=(name) placeholder=(hint) autocomplete="off" spellcheck="false"; }
            @for choice in choices.iter().filter(|choice| choice.values.len() > 1) {
                label {
                    (choice.label)
                    select data-choose=(name) data-by=(choice.by) {
                        option value="" { "all" }
                        @for (value, words) in choice.values.iter().take(CHOICES) { option value=(value) { (words) } }
                    }
                }
            }
            p class="status" role="status" data-status=(name) { (rows) }
        }
    }
}
