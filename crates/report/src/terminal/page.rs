//! A page of text: headings, paragraphs and rows, with or without colour. All text is escaped on its way in, so nothing
//! from the wire reaches the terminal as it was. Words are never broken: a line that is too long is one long word.

use unicode_width::UnicodeWidthStr;

use crate::escape::visible;
use crate::{Color, Style};

/// What a piece of text is, from which its look follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paint {
    /// Text.
    Plain,
    /// What a line is about.
    Strong,
    /// What can be skipped.
    Faint,
    /// A heading.
    Heading,
    /// The vendor's own.
    Own,
    /// Somebody else's.
    Other,
    /// Not there before.
    New,
    /// Something failed or is wrong.
    Bad,
    /// A bar.
    Bar,
}

impl Paint {
    /// Parameters of Select Graphic Rendition.
    const fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Strong => "1",
            Self::Faint => "2",
            Self::Heading => "1;36",
            Self::Own => "1;32",
            Self::Other => "1;35",
            Self::New => "1;33",
            Self::Bad => "31",
            Self::Bar => "36",
        }
    }
}

/// Pieces of text that stand on one line, or flow over several.
#[derive(Debug, Clone, Default)]
pub(super) struct Text {
    spans: Vec<(Paint, String)>,
}

impl Text {
    /// Plain text to begin with.
    pub(super) fn plain(text: &str) -> Self {
        Self::default().and(Paint::Plain, text)
    }

    /// Text of some kind to begin with.
    pub(super) fn of(paint: Paint, text: &str) -> Self {
        Self::default().and(paint, text)
    }

    /// This and more.
    pub(super) fn and(mut self, paint: Paint, text: &str) -> Self {
        self.push(paint, text);
        self
    }

    /// Adds text, escaped.
    pub(super) fn push(&mut self, paint: Paint, text: &str) {
        if !text.is_empty() {
            self.spans.push((paint, visible(text).into_owned()));
        }
    }

    /// Adds another text.
    pub(super) fn append(&mut self, other: Self) {
        self.spans.extend(other.spans);
    }

    /// Adds spaces until the text is `width` columns wide.
    pub(super) fn pad(&mut self, width: usize) {
        let missing = width.saturating_sub(self.width());
        self.push(Paint::Plain, &" ".repeat(missing));
    }

    /// Adds a cell that ends at column `end`, or later when it is too wide.
    pub(super) fn right(&mut self, end: usize, paint: Paint, text: &str) {
        let missing = end.saturating_sub(self.width() + visible(text).width());
        self.push(Paint::Plain, &" ".repeat(missing));
        self.push(paint, text);
    }

    /// Its parts, escaped.
    pub(super) fn into_spans(self) -> impl Iterator<Item = (Paint, String)> {
        self.spans.into_iter()
    }

    /// Columns that it takes.
    pub(super) fn width(&self) -> usize {
        self.spans.iter().map(|(_, text)| text.width()).sum()
    }

    /// True when there is nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// True when a line must not break between this word and the next: a number and its unit, `frame` and its number.
    fn belongs_to(&self, next: &str) -> bool {
        let Some((_, word)) = self.spans.last() else { return false };
        let is_number = |c: char| c.is_ascii_digit();
        (word.ends_with(is_number) && is_unit(next)) || (word.ends_with("frame") && next.starts_with(is_number))
    }

    /// Lines of at most `width` columns, broken at spaces but not between a number and its
    /// unit or before a dot that parts two remarks. A word is never broken, so a line may be wider.
    pub(super) fn wrap(&self, width: usize) -> Vec<Self> {
        let mut lines = Vec::new();
        let (mut line, mut used) = (Self::default(), 0);
        // A word may run over several spans; it ends at a space.
        let (mut word, mut word_width) = (Self::default(), 0);
        let mut flush = |word: &mut Self, word_width: &mut usize, line: &mut Self, used: &mut usize| {
            if *word_width == 0 {
                return;
            }
            if *used > 0 && *used + 1 + *word_width > width {
                lines.push(std::mem::take(line));
                *used = 0;
            }
            if *used > 0 {
                line.spans.push((Paint::Plain, " ".to_owned()));
                *used += 1;
            }
            *used += *word_width;
            line.append(std::mem::take(word));
            *word_width = 0;
        };
        for (paint, text) in &self.spans {
            for (i, piece) in text.split(' ').enumerate() {
                if i > 0 && word_width > 0 && (piece == "·" || word.belongs_to(piece)) {
                    word.spans.push((*paint, " ".to_owned()));
                    word_width += 1;
                } else if i > 0 {
                    flush(&mut word, &mut word_width, &mut line, &mut used);
                }
                if !piece.is_empty() {
                    word.spans.push((*paint, piece.to_owned()));
                    word_width += piece.width();
                }
            }
        }
        flush(&mut word, &mut word_width, &mut line, &mut used);
        if !line.is_empty() {
            lines.push(line);
        }
        lines
    }
}

/// True for what belongs to the number before it.
fn is_unit(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '%');
    matches!(word, "B" | "kB" | "MB" | "GB" | "TB" | "%" | "s" | "min" | "h" | "d" | "times")
}

/// The page so far.
#[derive(Debug)]
pub(super) struct Page {
    text: String,
    width: usize,
    color: Color,
    /// Length of the text after which no gap is wanted.
    joined: usize,
}

impl Page {
    /// An empty page.
    pub(super) fn new(style: &Style) -> Self {
        Self { text: String::new(), width: style.width.clamp(60, 400), color: style.color, joined: 0 }
    }

    /// Columns.
    pub(super) const fn width(&self) -> usize {
        self.width
    }

    /// All of it.
    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// An empty line.
    pub(super) fn blank(&mut self) {
        self.text.push('\n');
    }

    /// An empty line, unless the line before belongs to what follows.
    pub(super) fn gap(&mut self) {
        if self.text.len() != self.joined {
            self.blank();
        }
    }

    /// The line before belongs to what follows.
    pub(super) const fn no_gap(&mut self) {
        self.joined = self.text.len();
    }

    /// A line, without trailing spaces.
    pub(super) fn line(&mut self, line: &Text) {
        let start = self.text.len();
        let mut open = Paint::Plain;
        for (paint, text) in &line.spans {
            if self.color == Color::Ansi && *paint != open && !text.trim().is_empty() {
                if open != Paint::Plain {
                    self.text.push_str("\x1b[0m");
                }
                if *paint != Paint::Plain {
                    self.text.push_str("\x1b[");
                    self.text.push_str(paint.code());
                    self.text.push('m');
                }
                open = *paint;
            }
            self.text.push_str(text);
        }
        let end = self.text.trim_end_matches(' ').len().max(start);
        self.text.truncate(end);
        if open != Paint::Plain {
            self.text.push_str("\x1b[0m");
        }
        self.text.push('\n');
    }

    /// A section begins.
    pub(super) fn heading(&mut self, title: &str) {
        self.blank();
        let mut line = Text::of(Paint::Faint, "── ").and(Paint::Heading, title).and(Paint::Plain, " ");
        let rule = self.width.min(120).saturating_sub(line.width());
        line.push(Paint::Faint, &"─".repeat(rule));
        self.line(&line);
    }

    /// Text that flows, every line `indent` columns from the left.
    pub(super) fn flow(&mut self, indent: usize, text: &Text) {
        self.hang(Text::plain(&" ".repeat(indent)), indent, text);
    }

    /// Text that flows after `lead`; its lines begin at column `indent`.
    pub(super) fn hang(&mut self, mut lead: Text, indent: usize, text: &Text) {
        lead.pad(indent);
        let room = self.width.saturating_sub(lead.width().max(indent)).max(20);
        let lines = text.wrap(room);
        if lines.is_empty() {
            self.line(&lead);
        }
        for rest in lines {
            lead.append(rest);
            self.line(&lead);
            lead = Text::plain(&" ".repeat(indent));
        }
    }
}

/// The text in at most `width` columns: when it is wider, `…` stands for its middle. Escapes first, so what is measured
/// is what is shown.
pub(super) fn fit(text: &str, width: usize) -> String {
    let text = visible(text);
    if text.width() <= width {
        return text.into_owned();
    }
    let room = width.saturating_sub(1);
    let (mut head, mut tail) = (String::new(), Vec::new());
    let mut used = 0;
    let mut chars = text.chars();
    // Letters from both ends in turn; the tail gets the first, since the end of a name says whose it is.
    for turn in 0.. {
        let Some(c) = (if turn % 2 == 0 { chars.next_back() } else { chars.next() }) else { break };
        used += c.encode_utf8(&mut [0; 4]).width();
        if used > room {
            break;
        }
        if turn % 2 == 0 { tail.push(c) } else { head.push(c) }
    }
    head.push('…');
    head.extend(tail.iter().rev());
    head
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn page(width: usize, color: Color) -> Page {
        Page::new(&Style { width, color, ..Style::default() })
    }

    #[test]
    fn only_names_wider_than_the_column_lose_their_middle() {
        assert_eq!(fit("time.apple.com", 14), "time.apple.com");
        assert_eq!(fit("gspe21-ssl.ls.apple.com", 15), "gspe21-…ple.com");
        assert_eq!(fit("東京東京東京", 7), "東…東京");
        assert_eq!(fit("abc", 0), "…");
    }

    #[test]
    fn colours_are_closed_at_the_end_of_the_line_and_spaces_dropped() {
        let mut page = page(80, Color::Ansi);
        page.line(&Text::of(Paint::Strong, "a").and(Paint::Plain, " b").and(Paint::Bad, "c  "));
        assert_eq!(page.into_text(), "\x1b[1ma\x1b[0m b\x1b[31mc\x1b[0m\n");
    }

    #[test]
    fn text_from_the_wire_cannot_colour_the_page() {
        let mut page = page(80, Color::Never);
        page.flow(2, &Text::plain("evil\x1b[31m name"));
        assert_eq!(page.into_text(), "  evil\\x1b[31m name\n");
    }

    #[test]
    fn a_number_and_its_unit_stay_together() {
        let mut page = page(60, Color::Never);
        page.flow(0, &Text::plain(&format!("{} 23.1 MB · retrieved", "x".repeat(54))));
        assert_eq!(page.into_text(), format!("{}\n23.1 MB · retrieved\n", "x".repeat(54)));
    }

    proptest! {
        #[test]
        fn fitted_text_is_never_wider_than_the_column(text in any::<String>(), width in 1_usize..50) {
            prop_assert!(fit(&text, width).width() <= width);
        }

        #[test]
        fn wrapped_lines_hold_all_words_and_only_single_words_are_too_wide(
            words in prop::collection::vec("[a-zé東]{1,30}", 0..20), width in 5_usize..40
        ) {
            let lines = Text::plain(&words.join(" ")).wrap(width);
            let mut back = Vec::new();
            for line in &lines {
                let flat: String = line.spans.iter().map(|(_, t)| t.as_str()).collect();
                prop_assert!(flat.width() <= width || !flat.contains(' '));
                back.extend(flat.split(' ').map(str::to_owned));
            }
            prop_assert_eq!(back, words);
        }
    }
}
