//! Names from the wire are written by an enemy. A capture has a hostile text in each place that a name can come from;
//! the program is run over it with every output format, and the bytes that it prints are looked at. File names, and what
//! is typed, are held to the same on standard error.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code: a panic is the verdict")]

#[path = "hostile_names/capture.rs"]
mod capture;
#[path = "hostile_names/page.rs"]
mod page;

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use firstlight_report::FORMATS;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use pulldown_cmark::{Event, Parser, Tag, TagEnd};

/// Texts to be escaped, and what they are. Each fits into a label of the DNS, and none has a dot.
pub const HOSTILE: &[(&str, &str)] = &[
    ("c0", "\u{1}\u{7}\u{8}\u{b}\u{c}\u{e}\u{1f}"),
    ("lines", "a\r\nb\nc\rd\te\0f"),
    ("escape", "\u{1b}[31m\u{1b}[2J\u{1b}[1A\u{1b}]0;title\u{7}"),
    ("link", "\u{1b}]8;;http://evil/\u{1b}\\here\u{1b}]8;;\u{1b}\\"),
    ("c1", "\u{80}\u{84}\u{85}\u{90}\u{9b}31m\u{9c}\u{9d}0;t\u{9c}"),
    ("delete", "\u{7f}\u{7f}"),
    ("turned", "\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{200e}\u{200f}\u{61c}"),
    ("isolated", "\u{2066}\u{2067}\u{2068}\u{2069}"),
    ("unseen", "\u{200b}\u{200c}\u{200d}\u{2060}\u{feff}\u{ad}\u{3164}"),
    ("parted", "\u{2028}\u{2029}\u{a0}\u{3000}"),
    ("tagged", "\u{e0001}\u{e0041}\u{fe0f}\u{180e}"),
    // Stands for bytes that are no UTF-8: see `capture::spoilt`.
    ("spoilt", capture::SPOILT),
    ("html", "<script>alert(1)</script><img src=x onerror=y>"),
    ("quoted", "\"'`&lt;&#60;\\\" onload=\"x"),
    ("markdown", "](http://evil) | **b** <!-- `c` ![d]"),
    ("equals", "=1+1"),
    ("plus", "+1+1"),
    ("minus", "-1+1"),
    ("at", "@SUM(1)"),
    ("tab", "\t=1+1"),
    ("return", "\r=1+1"),
];

fn firstlight(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_firstlight"));
    for name in ["NO_COLOR", "CLICOLOR_FORCE", "COLUMNS"] {
        command.env_remove(name);
    }
    command.current_dir(folder).stdin(Stdio::null());
    command
}

fn run<S: AsRef<OsStr>>(folder: &Path, arguments: impl IntoIterator<Item = S>) -> Output {
    firstlight(folder).args(arguments).output().unwrap()
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("what is printed is UTF-8")
}

/// A list of its own, so that a mistake in the list of the program does not hide itself: controls, Unicode's
/// bidirectional controls (UAX 9 s. 2), what has no width or shape, separators, tags.
fn is_harmful(letter: char) -> bool {
    let code = u32::from(letter);
    code < 0x20
        || (0x7f..0xa0).contains(&code)
        || matches!(code, 0xa0 | 0xad | 0x61c | 0x180e | 0x3000 | 0x3164 | 0xfe0f | 0xfeff)
        || (0x200b..=0x200f).contains(&code)
        || (0x2028..=0x202e).contains(&code)
        || (0x2060..=0x2069).contains(&code)
        || (0xe0000..=0xe0fff).contains(&code)
}

/// Nothing that moves the cursor, turns the direction of writing or cannot be seen.
fn assert_harmless(printed: &str, what: &str) {
    for line in printed.split('\n') {
        let harmful = line.chars().find(|&letter| is_harmful(letter));
        assert_eq!(harmful, None, "{what}: {line:?}");
    }
}

/// What a format has to hold beside that. A new format says here what its readers could be hurt by.
fn assert_safe(format: &str, printed: &str) {
    match format {
        // Text alone: there is nothing that a letter could begin.
        "terminal" => {}
        "json" => {
            let value: serde_json::Value = serde_json::from_str(printed).unwrap();
            assert!(value["contacts"].as_array().is_some_and(|contacts| contacts.len() >= HOSTILE.len()));
        }
        "jsonl" => {
            for line in printed.lines() {
                let value: serde_json::Value = serde_json::from_str(line).unwrap();
                assert!(value["record"].is_string(), "{line}");
            }
        }
        // No cell is computed, and none begins another.
        "csv" => {
            let mut reader = csv::Reader::from_reader(printed.as_bytes());
            let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.unwrap()).collect();
            assert!(rows.len() >= HOSTILE.len());
            let computed = rows.iter().flatten().find(|cell| cell.starts_with(['=', '+', '-', '@']));
            assert_eq!(computed, None);
        }
        // No link and no place for an argument in a message; a path is percent-encoded.
        "sarif" => {
            let value: serde_json::Value = serde_json::from_str(printed).unwrap();
            let results = value["runs"][0]["results"].as_array().unwrap();
            let messages = results.iter().map(|result| result["message"]["text"].as_str().unwrap());
            for message in messages {
                let without = message.replace("\\\\", "").replace("\\[", "").replace("\\]", "");
                assert!(!without.contains(['[', ']', '\\']), "{message}");
                assert!(!message.replace("{{", "").replace("}}", "").contains(['{', '}']), "{message}");
            }
        }
        // No tag, no link, no picture; every row of a table has the cells of its head.
        "markdown" => {
            let (mut columns, mut cells) = (0, 0);
            for event in Parser::new_ext(printed, pulldown_cmark::Options::ENABLE_TABLES) {
                match event {
                    Event::Html(html) | Event::InlineHtml(html) => panic!("a tag: {html}"),
                    Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                        panic!("a link: {dest_url}")
                    }
                    Event::Start(Tag::TableHead | Tag::TableRow) => cells = 0,
                    Event::Start(Tag::TableCell) => cells += 1,
                    Event::End(TagEnd::TableHead) => columns = cells,
                    Event::End(TagEnd::TableRow) => assert_eq!(cells, columns),
                    _ => {}
                }
            }
            assert!(columns > 0);
            let bars = |line: &str| line.replace("\\|", "").matches('|').count();
            let rows = printed.lines().filter(|line| line.starts_with('|'));
            assert!(rows.clone().all(|row| [4, 6, 7].contains(&bars(row))), "{rows:?}");
        }
        "html" => page::assert_inert(printed),
        other => panic!("{other}: what can hurt the readers of this format? Check it here"),
    }
}

fn write(folder: &Path, name: impl AsRef<Path>, bytes: &[u8]) {
    fs::write(folder.join(name), bytes).unwrap();
}

#[test]
fn every_place_of_a_name_is_shown_with_what_was_hostile_in_it() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "hostile.pcapng", &capture::with("escape", "\u{1b}[31m"));
    let terminal = text(run(folder.path(), ["report", "hostile.pcapng", "--all", "--width", "400"]).stdout);
    let json = text(run(folder.path(), ["report", "hostile.pcapng", "--format", "json"]).stdout);
    // A control, or as the DNS writes it (RFC 4343 s. 2.1).
    let notations = ["\\u001b[31m", "\\\\027[31m"];
    let shown = |place: &&&str| notations.iter().any(|it| json.contains(&format!("{place}-escape{it}")));
    let missing: Vec<_> = capture::PLACES.iter().filter(|place| !shown(place)).collect();
    assert!(missing.is_empty(), "not in the JSON report: {missing:?}");
    // What the diary shows of it.
    for place in ["look-up", "sni", "host", "path", "agent", "dhcp", "comment"] {
        let mark = format!("{place}-escape");
        let at = terminal.find(&mark).unwrap_or_else(|| panic!("{mark} is not in the diary:\n{terminal}"));
        let after = &terminal[at + mark.len()..];
        assert!(after.starts_with("\\x1b[31m") || after.starts_with("\\027[31m"), "{mark}: {}", &after[..12]);
    }
}

#[test]
fn no_name_from_the_wire_gets_out_of_its_place_in_any_format() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "hostile.pcapng", &capture::with_all(HOSTILE));
    for format in FORMATS {
        for extra in [&["--all"][..], &["--width", "60"]] {
            let arguments = ["report", "hostile.pcapng", "--format", format.name];
            let output = run(folder.path(), arguments.iter().chain(extra));
            assert_eq!(output.status.code(), Some(0), "{}", text(output.stderr));
            assert_eq!(text(output.stderr), "", "{}", format.name);
            let printed = text(output.stdout);
            assert_harmless(&printed, format.name);
            assert_safe(format.name, &printed);
            // The anomalies alone name nobody but those whom nothing answers.
            if extra == ["--all"] && format.name != "sarif" {
                for (kind, _) in HOSTILE {
                    assert!(
                        printed.contains(&format!("look-up-{kind}")),
                        "{kind} is not in the {} report",
                        format.name
                    );
                }
            }
        }
    }
}

#[test]
fn no_name_from_the_wire_gets_out_of_its_column_in_a_log() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "hostile.pcapng", &capture::with_all(HOSTILE));
    for format in ["zeek", "zeek-json"] {
        let output = run(folder.path(), ["report", "hostile.pcapng", "--format", format, "-w", format]);
        assert_eq!((output.status.code(), text(output.stderr).as_str()), (Some(0), ""), "{format}");
        assert_harmless(&text(output.stdout), format);
        let mut all = String::new();
        for entry in fs::read_dir(folder.path().join(format)).unwrap() {
            let written = fs::read_to_string(entry.unwrap().path()).unwrap();
            if format == "zeek" {
                // The tab is what parts columns, and each line has as many of them.
                let columns = |line: &str| line.matches('\t').count();
                let fields = written.lines().find(|line| line.starts_with("#fields")).map(columns).unwrap();
                let rows = written.lines().filter(|line| !line.starts_with('#'));
                assert!(rows.clone().all(|row| columns(row) + 1 == fields), "{written}");
                assert_harmless(&written.replace('\t', " "), format);
            } else {
                for line in written.lines() {
                    assert!(serde_json::from_str::<serde_json::Value>(line).unwrap()["ts"].is_number(), "{line}");
                }
                assert_harmless(&written, format);
            }
            all += &written;
        }
        for (kind, _) in HOSTILE {
            assert!(all.contains(&format!("look-up-{kind}")), "{kind} is not in the {format} logs");
        }
    }
}

#[test]
fn no_name_from_the_wire_is_hidden_in_a_table_in_parquet() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "hostile.pcapng", &capture::with_all(HOSTILE));
    let output = run(folder.path(), ["report", "hostile.pcapng", "--format", "parquet"]);
    assert_eq!((output.status.code(), text(output.stderr).as_str()), (Some(0), ""));
    let reader = SerializedFileReader::new(bytes::Bytes::from(output.stdout)).unwrap();
    let rows: Vec<String> = reader.get_row_iter(None).unwrap().map(|row| row.unwrap().to_string()).collect();
    rows.iter().for_each(|row| assert_harmless(row, "a row"));
    for (kind, _) in HOSTILE {
        assert!(rows.iter().any(|row| row.contains(&format!("sni-{kind}"))), "{kind} is in no row");
    }
}

#[test]
fn no_name_from_the_wire_is_hidden_in_a_comment() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "hostile.pcapng", &capture::with_all(HOSTILE));
    let arguments = ["report", "hostile.pcapng", "--format", "pcapng-comments", "-w", "commented.pcapng"];
    let output = run(folder.path(), arguments);
    assert_eq!((output.status.code(), text(output.stderr).as_str()), (Some(0), ""));
    assert_harmless(&text(output.stdout), "what is said of it");
    let json = text(run(folder.path(), ["report", "commented.pcapng", "--format", "json"]).stdout);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let comments = json["captures"][0]["comments"].as_array().unwrap();
    let ours =
        comments.iter().filter_map(|comment| comment["text"].as_str()).filter(|it| it.starts_with("Firstlight: "));
    let ours: Vec<&str> = ours.collect();
    ours.iter().for_each(|comment| assert_harmless(comment, "a comment"));
    for (kind, _) in HOSTILE {
        assert!(ours.iter().any(|comment| comment.contains(&format!("sni-{kind}"))), "{kind} is in no comment");
    }
}

#[test]
fn colours_are_the_only_sequences_of_a_coloured_page() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "hostile.pcapng", &capture::with_all(HOSTILE));
    let output = run(folder.path(), ["report", "hostile.pcapng", "--all", "--color", "always"]);
    let printed = text(output.stdout);
    let mut colours = 0;
    let mut plain = String::new();
    let mut parts = printed.split('\u{1b}');
    plain.push_str(parts.next().unwrap());
    for part in parts {
        let (codes, rest) = part.strip_prefix('[').and_then(|part| part.split_once('m')).unwrap();
        assert!(codes.bytes().all(|byte| byte.is_ascii_digit() || byte == b';'), "{part:?}");
        // The wire asks for red on its own, the page only for bold, faint and its colours.
        plain.push_str(rest);
        colours += 1;
    }
    assert!(colours > 20, "a coloured page has colours");
    assert_harmless(&plain, "coloured");
    let uncoloured = text(run(folder.path(), ["report", "hostile.pcapng", "--all", "--color", "never"]).stdout);
    assert_eq!(plain, uncoloured, "colours change no letter");
}

#[test]
fn no_name_gets_out_of_its_place_where_machines_are_told() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "plain.pcapng", &capture::with("plain", ""));
    write(folder.path(), "hostile.pcapng", &capture::with_all(HOSTILE));
    let lines = HOSTILE.iter().filter(|(_, hostile)| !hostile.contains(['\t', '\n', '\r', '\0']));
    let labels: Vec<String> = lines.map(|(kind, hostile)| format!("book-{kind}-{hostile}")).collect();
    // Every SYN is within so little of one of these that each label is shown.
    let signature = "*:64:0:*:*,*:mss,sok,ts,nop,ws:df:*";
    let own: String = labels.iter().map(|label| format!("tcp.syn\t{signature}\t{label}\t{label}\n")).collect();
    write(folder.path(), "own.tsv", own.as_bytes());
    let p0f: String = labels
        .iter()
        .map(|label| format!("label = s:unix:{}:\nsig = {signature}\n", label.replace(':', "_")))
        .collect();
    write(folder.path(), "p0f.fp", format!("[tcp:request]\n{p0f}").as_bytes());
    write(folder.path(), "wrong.fp", format!("[{}", labels.join("")).as_bytes());
    let books = ["--p0f", "p0f.fp", "--book", "own.tsv", "--all"];
    for format in ["terminal", "json"] {
        let one = [&["fingerprint", "hostile.pcapng", "--format", format][..], &books].concat();
        let two =
            [&["fingerprint", "--diff", "plain.pcapng", "hostile.pcapng", "--format", format][..], &books].concat();
        for arguments in [one, two] {
            let output = run(folder.path(), &arguments);
            assert!(matches!(output.status.code(), Some(0 | 1)), "{arguments:?}: {}", text(output.stderr));
            let printed = text(output.stdout);
            assert_harmless(&printed, &arguments.join(" "));
            assert_harmless(&text(output.stderr), &arguments.join(" "));
            assert!(printed.contains("agent-escape"), "{} names the user agents", arguments.join(" "));
            if format == "json" {
                serde_json::from_str::<serde_json::Value>(&printed).unwrap();
            }
        }
    }
    let output = run(folder.path(), ["fingerprint", "plain.pcapng", "--p0f", "wrong.fp"]);
    assert_eq!(output.status.code(), Some(2));
    assert_harmless(&text(output.stderr), "a wrong book");
}

#[test]
fn no_name_gets_out_of_its_place_where_captures_are_compared() {
    let folder = tempfile::tempdir().unwrap();
    let go = |arguments: &[&str]| {
        let output = run(folder.path(), arguments);
        assert!(matches!(output.status.code(), Some(0 | 1)), "{arguments:?}: {}", text(output.stderr));
        let (out, err) = (text(output.stdout), text(output.stderr));
        assert_harmless(&out, &format!("standard output of {}", arguments.join(" ")));
        assert_harmless(&err, &format!("standard error of {}", arguments.join(" ")));
        out
    };
    write(folder.path(), "plain.pcapng", &capture::with("plain", ""));
    write(folder.path(), "hostile.pcapng", &capture::with_all(HOSTILE));
    let all: String = HOSTILE.iter().map(|(kind, hostile)| format!("{kind}-{hostile}")).collect();
    let all = all.replace('\0', "_");
    let pattern = format!("{all}*.example.com");
    let words = ["--system", &all, "--scenario", &all, "--method", &all, "--accept", &pattern];
    let refused = run(folder.path(), ["learn", "plain.pcapng", "-o", "refused.json", "--accept", &all]);
    assert_eq!(refused.status.code(), Some(2));
    assert_harmless(&text(refused.stderr), "a pattern that is refused");
    for side in ["plain", "hostile"] {
        let (capture, baseline) = (format!("{side}.pcapng"), format!("{side}.baseline.json"));
        let learn = ["learn", &capture, "-o", &baseline];
        go(&[&learn[..], &words].concat());
        let file = fs::read_to_string(folder.path().join(&baseline)).unwrap();
        serde_json::from_str::<serde_json::Value>(&file).unwrap();
        assert_harmless(&file, &baseline);
    }
    let pairs = [("hostile.pcapng", "plain.baseline.json"), ("plain.pcapng", "hostile.baseline.json")];
    for (capture, baseline) in pairs {
        for format in ["terminal", "json", "sarif", "markdown", "html"] {
            let printed = go(&["check", capture, "--against", baseline, "--all", "--format", format]);
            assert!(printed.contains("look-up-"), "{format} names what is new or missing");
            match format {
                "terminal" => {}
                "markdown" | "html" => assert_safe(format, &printed),
                _ => drop(serde_json::from_str::<serde_json::Value>(&printed).unwrap()),
            }
        }
        go(&["learn", "--into", baseline, "--review", capture, "--html", "learnt.html"]);
        let learnt = fs::read_to_string(folder.path().join("learnt.html")).unwrap();
        assert!(learnt.contains("look-up-"), "the page of a baseline names its contacts");
        assert_harmless(&learnt, "the page of a baseline");
        assert_safe("html", &learnt);
        go(&["subtract", capture, "--baseline", baseline, "-w", "odd.pcapng"]);
        go(&["report", "odd.pcapng", "--all"]);
    }
    for ending in ["pcapng", "baseline.json"] {
        let sides = ["plain", "hostile"].map(|side| format!("{side}.{ending}"));
        for format in ["terminal", "json", "markdown", "html"] {
            let printed = go(&["diff", &sides[0], &sides[1], "--all", "--format", format]);
            assert!(printed.contains("look-up-"), "{format} names what is new or missing");
            if ["markdown", "html"].contains(&format) {
                assert_safe(format, &printed);
            }
        }
    }
    let text = serde_json::to_string(&all).unwrap();
    let claims = format!(
        "[[claims]]\nid = \"x\"\ntext = {text}\nnever = {{ owner = {text} }}\n[[claims]]\nid = {text}\ntext = {text}\nnever = {{ owner = \"Apple\" }}\n"
    );
    write(folder.path(), "claims.toml", claims.replace('\u{7f}', "\\u007f").as_bytes());
    for format in ["terminal", "json"] {
        go(&["claims", "hostile.pcapng", "--claims", "claims.toml", "--format", format]);
    }
}

/// The texts as file names, as far as a file system takes them.
#[cfg(unix)]
fn file_names() -> Vec<OsString> {
    use std::os::unix::ffi::OsStringExt;
    let name = |some: &[(&str, &str)]| {
        let texts: Vec<_> = some.iter().map(|(kind, hostile)| format!("{kind}-{hostile}")).collect();
        let text = format!("{}.pcapng", texts.concat().replace(['/', '\0'], "_"));
        OsString::from_vec(capture::spoilt(text.into_bytes()))
    };
    HOSTILE.chunks(4).map(name).collect()
}

#[cfg(unix)]
#[test]
fn names_of_files_are_harmless_on_both_outputs() {
    let folder = tempfile::tempdir().unwrap();
    let capture = capture::with("plain", "");
    for name in file_names() {
        let name = name.as_os_str();
        let given = Path::new(".").join(name);
        // One that is whole, one that is cut off, one that is none, one that is missing, one that cannot be written.
        for (bytes, status) in [(&capture[..], 0), (&capture[..capture.len() - 7], 2), (&b"no capture"[..], 2)] {
            write(folder.path(), name, bytes);
            for format in FORMATS {
                let format = OsStr::new(format.name);
                let output =
                    run(folder.path(), [OsStr::new("report"), OsStr::new("--format"), format, given.as_os_str()]);
                assert_eq!(output.status.code(), Some(status), "{name:?}: {}", text(output.stderr));
                assert_eq!(output.stderr.is_empty(), status == 0, "{name:?}");
                assert_harmless(&text(output.stderr), "standard error");
                assert_harmless(&text(output.stdout), "standard output");
            }
        }
        let twice = [OsStr::new("report"), OsStr::new("whole.pcapng"), given.as_os_str()];
        write(folder.path(), "whole.pcapng", &capture);
        write(folder.path(), name, &capture);
        assert_harmless(&text(run(folder.path(), twice).stdout), "two files");
        fs::remove_file(folder.path().join(name)).unwrap();
        let missing = run(folder.path(), [OsStr::new("report"), given.as_os_str()]);
        assert_eq!(missing.status.code(), Some(2));
        assert_harmless(&text(missing.stderr), "a file that is missing");
        let output = given.join("folder");
        let unwritable =
            run(folder.path(), ["report".as_ref(), "whole.pcapng".as_ref(), "-o".as_ref(), output.as_os_str()]);
        assert_eq!(unwritable.status.code(), Some(2));
        assert_harmless(&text(unwritable.stderr), "a file that cannot be written");
        let no_command = run(folder.path(), [name]);
        assert_eq!(no_command.status.code(), Some(2));
        assert_harmless(&text(no_command.stderr), "a command that is none");
    }
}

#[cfg(unix)]
#[test]
fn names_of_what_is_written_are_harmless() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "plain.pcapng", &capture::with("plain", ""));
    for name in file_names() {
        for format in ["zeek", "zeek-json", "parquet", "pcapng-comments"] {
            let target = folder.path().join(format).with_file_name(&name);
            let arguments = ["report".as_ref(), "plain.pcapng".as_ref(), "--format".as_ref(), format.as_ref()];
            let to = ["-w".as_ref(), target.as_os_str()];
            let output = run(folder.path(), arguments.into_iter().chain(to));
            assert_eq!(output.status.code(), Some(0), "{name:?}: {}", text(output.stderr));
            assert_harmless(&text(output.stdout), format);
            // A folder where a file is wanted, a file or a log where a folder is.
            let again = run(folder.path(), arguments.into_iter().chain(to));
            assert_harmless(&text(again.stderr), format);
            if target.is_dir() {
                assert_eq!(again.status.code(), Some(2));
                fs::remove_dir_all(&target).unwrap();
            } else {
                fs::remove_file(&target).unwrap();
            }
        }
    }
}

#[test]
fn what_is_typed_is_harmless_where_it_is_repeated() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a.pcapng", &capture::with("plain", ""));
    for some in HOSTILE.chunks(4) {
        let texts: Vec<_> = some.iter().map(|(kind, hostile)| format!("{kind}-{hostile}")).collect();
        let hostile = texts.concat().replace(['\0', '='], "_");
        let mark = format!("{hostile}=+1s");
        for format in FORMATS {
            let output = run(folder.path(), ["report", "a.pcapng", "--mark", &mark, "--format", format.name]);
            assert_harmless(&text(output.stdout), "the name of a mark");
            assert_harmless(&text(output.stderr), "the name of a mark");
        }
        for option in ["--format", "--machine", "--mark", "--width", "--color"] {
            let output = run(folder.path(), ["report", "a.pcapng", option, &format!("no{hostile}")]);
            assert_eq!(output.status.code(), Some(2), "{option} {hostile:?}");
            assert_harmless(&text(output.stderr), option);
        }
        let output = run(folder.path(), ["report", "a.pcapng", &format!("--no{hostile}")]);
        assert_harmless(&text(output.stderr), "an option that is none");
    }
}
