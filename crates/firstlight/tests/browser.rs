//! The page of a report in a browser: Chromium, driven by Playwright (`browser/check.mjs`). What is looked at stands there;
//! here the pages are made, and spoilt ones with which the same looking must fail.
//!
//! Needs `chromium` and `node` on the path, and in `target/browser` what `npm ci` puts there by `browser/package-lock.json`
//! (`.ci/run` does that). Without them the tests pass and print what they left out. `FIRSTLIGHT_RENEW=1` makes the pictures
//! of `docs/pictures` anew.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code: a panic is the verdict")]

#[path = "hostile_names/capture.rs"]
#[expect(dead_code, reason = "what other tests use of it")]
mod capture;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use firstlight_report::{Style, html};

/// As [`capture`] puts them into each place of a name.
const HOSTILE: &[(&str, &str)] = &[
    ("html", "<script>alert(1)</script><img src=x onerror=y>"),
    ("closing", "</td></table></style><svg onload=alert(3)>"),
    ("quoted", "\"'`&lt;&#60;\\\" onload=\"alert(4)\" x='"),
    ("c0", "\u{1}\u{7}\u{8}\u{b}\u{c}\u{e}\u{1f}"),
    ("turned", "\u{202e}\u{2066}\u{200f}\u{61c}"),
    ("unseen", "\u{200b}\u{2060}\u{feff}\u{ad}\u{2028}"),
    ("frame", "<iframe srcdoc='<script>alert(5)</script>'>"),
    ("link", "<a href=javascript:alert(6)>x</a><base href=//e>"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn example() -> PathBuf {
    root().join("examples").join(firstlight_synth::example::CAPTURE)
}

/// The browser and what drives it; `None` where something is missing, and says so.
struct Driver {
    chromium: PathBuf,
    node: PathBuf,
    modules: PathBuf,
}

impl Driver {
    fn find() -> Option<Self> {
        let on_path = |name: &str| {
            let path = env::var_os("PATH")?;
            env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
        };
        let chromium = ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(on_path);
        let modules = root().join("target/browser");
        let installed =
            modules.join("node_modules/playwright-core").is_dir() && modules.join("node_modules/axe-core").is_dir();
        match (chromium, on_path("node"), installed) {
            (Some(chromium), Some(node), true) => Some(Self { chromium, node, modules }),
            (chromium, node, installed) => {
                println!(
                    "left out: needs chromium ({}), node ({}) and npm ci in target/browser ({})",
                    chromium.is_some(),
                    node.is_some(),
                    installed
                );
                None
            }
        }
    }

    /// What was looked at, and whether all of it was as it should be. One browser at a time.
    fn check(&self, kind: &str, files: &[&Path]) -> (bool, String) {
        static TURN: Mutex<()> = Mutex::new(());
        let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/check.mjs");
        let output = Command::new(&self.node)
            .arg(script)
            .args([&self.modules, &self.chromium])
            .arg(kind)
            .args(files)
            .output()
            .expect("node runs");
        let text = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&text).into_owned())
    }

    fn holds(&self, kind: &str, files: &[&Path]) {
        let (all, text) = self.check(kind, files);
        assert!(all && text.contains("ok "), "{kind}:\n{text}");
        println!("{text}");
    }
}

/// A page of a capture.
fn page(capture: &Path, folder: &Path, name: &str) -> PathBuf {
    let page = folder.join(name);
    let status = Command::new(env!("CARGO_BIN_EXE_firstlight"))
        .args(["report", "--format", "html", "-o"])
        .arg(&page)
        .arg(capture)
        .status()
        .expect("the program runs");
    assert!(status.success());
    page
}

fn hostile(folder: &Path) -> PathBuf {
    let capture = folder.join("hostile.pcapng");
    fs::write(&capture, capture::with_all(HOSTILE)).unwrap();
    page(&capture, folder, "hostile.html")
}

#[test]
fn a_page_looks_sorts_filters_and_opens_as_it_should() {
    let Some(driver) = Driver::find() else { return };
    let folder = tempfile::tempdir().unwrap();
    driver.holds("report", &[&page(&example(), folder.path(), "example.html")]);
}

/// Pages of what the changed copy of the example is beside the example: check, diff, and the baseline of both.
fn compared(folder: &Path) -> [PathBuf; 3] {
    let path = |name: &str| folder.join(name).display().to_string();
    fs::write(path("changed.pcapng"), firstlight_synth::example::macos_10_15_changed().to_pcapng()).unwrap();
    let example = example().display().to_string();
    let pages = ["check.html", "diff.html", "learnt.html"].map(path);
    for arguments in [
        ["learn", &example, "changed.pcapng", "-o", "two.baseline.json", "--html", &pages[2]].as_slice(),
        &["learn", &example, "-o", "mac.baseline.json"],
        &["check", "changed.pcapng", "--against", "mac.baseline.json", "--format", "html", "-o", &pages[0]],
        &["diff", &example, "changed.pcapng", "--format", "html", "-o", &pages[1]],
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_firstlight"));
        let output = command.args(arguments).current_dir(folder).output().unwrap();
        assert!(matches!(output.status.code(), Some(0 | 1)), "{}", String::from_utf8_lossy(&output.stderr));
    }
    pages.map(PathBuf::from)
}

#[test]
fn pages_of_comparisons_and_baselines_look_and_filter_as_they_should() {
    let Some(driver) = Driver::find() else { return };
    let folder = tempfile::tempdir().unwrap();
    for page in compared(folder.path()) {
        driver.holds("compared", &[&page]);
    }
}

#[test]
fn names_full_of_markup_do_nothing() {
    let Some(driver) = Driver::find() else { return };
    let folder = tempfile::tempdir().unwrap();
    let plain = page(&example(), folder.path(), "example.html");
    driver.holds("hostile", &[&hostile(folder.path()), &plain]);
}

#[test]
fn five_thousand_contacts_are_there_in_two_seconds() {
    let Some(driver) = Driver::find() else { return };
    let folder = tempfile::tempdir().unwrap();
    let inputs = [firstlight_capture::Input::Path(example())];
    let source = firstlight_capture::open(&inputs, &firstlight_capture::Options::default()).unwrap();
    let mut report = firstlight_engine::report(source, &firstlight_engine::Options::default(), &mut |_| {});
    let made = std::mem::take(&mut report.contacts);
    report.contacts = (0..5_000)
        .map(|at| {
            let mut contact = made[at % made.len()].clone();
            contact.name = Some(format!("host-{at}.{}", contact.name.as_deref().unwrap_or("example")));
            contact
        })
        .collect();
    let page = folder.path().join("many.html");
    let text = html::render(&report, &Style::default());
    assert!(text.len() < 5_000_000, "{} bytes", text.len());
    fs::write(&page, text).unwrap();
    driver.holds("many", &[&page]);
}

/// Each defect in a page that was right, and the words by which the looking must find it.
#[test]
fn what_is_spoilt_is_found() {
    let Some(driver) = Driver::find() else { return };
    let folder = tempfile::tempdir().unwrap();
    let plain = page(&example(), folder.path(), "example.html");
    let hostile = hostile(folder.path());
    let spoil = |page: &Path, name: &str, from: &str, to: &str| {
        let text = fs::read_to_string(page).unwrap();
        assert!(text.contains(from), "{name}: {from}");
        let spoilt = folder.path().join(format!("{name}.html"));
        fs::write(&spoilt, text.replacen(from, to, 1)).unwrap();
        spoilt
    };
    let policy = ("http-equiv=\"Content-Security-Policy\"", "name=\"description\"");
    // With the policy a script that got in is reported; without it, it runs.
    let inside = "<img src=\"x\" onerror=\"alert(7)\"><main id=\"main\"";
    let escaped = spoil(&hostile, "escaped", "<main id=\"main\"", inside);
    let running = spoil(&escaped, "running", policy.0, policy.1);
    let open = spoil(&plain, "open", policy.0, policy.1);
    let pale = spoil(&open, "pale", "--faint: #575e66", "--faint: #b7bec6");
    let unsorted = spoil(&pale, "unsorted", "keyed.sort(", "keyed.filter(");
    let wide = format!("<footer><p class=\"n\">{}", "wide ".repeat(40));
    let worse = spoil(&unsorted, "worse", "<footer><p>", &wide);
    let changed = spoil(&plain, "changed", "const number", "const  number");
    for (kind, page, found) in [
        ("hostile", escaped, ["WRONG  no element or attribute", "console: ", ""]),
        ("hostile", running, ["request: file:", "dialog: 7", ""]),
        (
            "report",
            worse,
            ["light, one open: axe-core finds nothing: color-contrast", "WRONG  sorts by mouse", "WRONG  as wide as"],
        ),
        ("report", changed, ["script-src", "WRONG ", ""]),
    ] {
        let (all, text) = driver.check(kind, &[&page, &plain]);
        assert!(!all, "{}: {text}", page.display());
        for words in found {
            assert!(text.contains(words), "{}: {words} is not in\n{text}", page.display());
        }
    }
}

#[test]
fn pictures_of_the_example_are_kept() {
    let pictures = root().join("docs/pictures");
    if env::var_os("FIRSTLIGHT_RENEW").is_some()
        && let Some(driver) = Driver::find()
    {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(&pictures).unwrap();
        let [check, ..] = compared(folder.path());
        let report = page(&example(), folder.path(), "example.html");
        let (all, text) = driver.check("pictures", &[&report, &check, &pictures]);
        assert!(all, "{text}");
    }
    for (name, width) in [
        ("report-1280", 1280),
        ("report-1280-contacts", 1280),
        ("report-390", 390),
        ("report-390-contacts", 390),
        ("check-1280", 1280),
        ("check-390", 390),
    ] {
        let bytes = fs::read(pictures.join(format!("{name}.png"))).unwrap();
        // PNG (RFC 2083 s. 3.1): the signature, then IHDR with the width.
        assert!(bytes.starts_with(b"\x89PNG\r\n\x1a\n"), "{name}");
        assert_eq!(u32::from_be_bytes(bytes[16..20].try_into().unwrap()), width, "{name}");
        assert!(bytes.len() < 400_000, "{name} has {} bytes", bytes.len());
    }
}
