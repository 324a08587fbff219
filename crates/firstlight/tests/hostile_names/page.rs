//! What a page of HTML may be made of, whatever the names in it: read by the tokenizer of a browser engine (html5ever), held
//! to a list of elements and attributes.

use std::cell::RefCell;
use std::collections::BTreeMap;

use html5ever::tokenizer::{BufferQueue, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts, states};

/// Elements that a page has. No picture, frame, form, object or link to elsewhere among them.
const ELEMENTS: &[&str] = &[
    "html",
    "head",
    "meta",
    "title",
    "style",
    "script",
    "body",
    "a",
    "header",
    "p",
    "br",
    "time",
    "h1",
    "h2",
    "h3",
    "span",
    "strong",
    "small",
    "dl",
    "div",
    "dt",
    "dd",
    "nav",
    "ul",
    "ol",
    "li",
    "main",
    "section",
    "figure",
    "figcaption",
    "svg",
    "desc",
    "g",
    "rect",
    "path",
    "text",
    "tspan",
    "details",
    "summary",
    "table",
    "caption",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "label",
    "input",
    "select",
    "option",
    "button",
    "pre",
    "code",
    "mark",
    "footer",
];

/// Attributes that an element may have: none that holds script or style, and none that fetches.
const ATTRIBUTES: &[&str] = &[
    "lang",
    "charset",
    "http-equiv",
    "content",
    "name",
    "class",
    "id",
    "href",
    "role",
    "tabindex",
    "scope",
    "colspan",
    "title",
    "type",
    "value",
    "placeholder",
    "autocomplete",
    "spellcheck",
    "x",
    "y",
    "dx",
    "rx",
    "d",
    "width",
    "height",
    "viewBox",
    "preserveAspectRatio",
    "text-anchor",
    "transform",
];

#[derive(Default)]
struct Seen {
    elements: RefCell<BTreeMap<String, usize>>,
    wrong: RefCell<Vec<String>>,
}

impl TokenSink for Seen {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        match token {
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => {
                let element = tag.name.to_string();
                if !ELEMENTS.contains(&element.as_str()) {
                    self.wrong.borrow_mut().push(format!("an element: {element}"));
                }
                for attribute in &tag.attrs {
                    let (name, value) = (attribute.name.local.to_string(), attribute.value.to_string());
                    let known = ATTRIBUTES.iter().any(|known| known.eq_ignore_ascii_case(&name));
                    if !known && !name.starts_with("aria-") && !name.starts_with("data-") {
                        self.wrong.borrow_mut().push(format!("an attribute of {element}: {name}"));
                    }
                    if name == "href" && !value.starts_with('#') {
                        self.wrong.borrow_mut().push(format!("a link: {value}"));
                    }
                }
                *self.elements.borrow_mut().entry(element.clone()).or_default() += 1;
                match element.as_str() {
                    "script" => return TokenSinkResult::RawData(states::ScriptData),
                    "style" => return TokenSinkResult::RawData(states::Rawtext),
                    "title" => return TokenSinkResult::RawData(states::Rcdata),
                    _ => {}
                }
            }
            Token::CommentToken(text) => self.wrong.borrow_mut().push(format!("a comment: {text}")),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

/// Nothing in the page but what Firstlight put there: one script and one style, allowed by hash alone.
pub fn assert_inert(page: &str) {
    let tokenizer = Tokenizer::new(Seen::default(), TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(page.into());
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    let (elements, wrong) = (tokenizer.sink.elements.take(), tokenizer.sink.wrong.take());
    assert_eq!(wrong, Vec::<String>::new());
    for element in ["script", "style", "main", "h1"] {
        assert_eq!(elements.get(element), Some(&1), "{element}");
    }
    // Outside style and script a line feed could only come from a name.
    let (_, after) = page.split_once("</style>").unwrap();
    let (_, body) = after.split_once("</script>").unwrap();
    assert_eq!(body.trim_end_matches('\n').matches('\n').count(), 0);
    assert!(page.contains("default-src 'none'; style-src 'sha256-") && !page.contains("unsafe-"));
}
