//! Learning from the example and checking it, and a changed copy of it, through the program.

mod support {
    use std::path::{Path, PathBuf};
    use std::process::{Command, Output};

    pub fn firstlight(arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_firstlight")).args(arguments).output().expect("the program runs")
    }

    pub fn text(output: &[u8]) -> String {
        String::from_utf8(output.to_vec()).expect("output is UTF-8")
    }

    pub fn example() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(firstlight_synth::example::CAPTURE)
    }
}

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use firstlight_synth::example;
use support::{example, firstlight, text};

fn utf8(path: &Path) -> &str {
    path.to_str().expect("temporary paths are UTF-8")
}

/// A folder with the baseline of the example and the changed copy.
struct Scene {
    folder: tempfile::TempDir,
}

impl Scene {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let scene = Self { folder };
        fs::write(scene.path("changed.pcapng"), example::macos_10_15_changed().to_pcapng()).expect("it can be written");
        let out = firstlight(&["learn", utf8(&example()), "-o", &scene.path("mac.baseline.json")]);
        assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
        scene
    }

    fn path(&self, name: &str) -> String {
        utf8(&self.folder.path().join(name)).to_owned()
    }
}

#[test]
fn a_changed_copy_has_exactly_the_findings_of_its_changes() {
    let scene = Scene::new();
    let out = firstlight(&[
        "check",
        &scene.path("changed.pcapng"),
        "--against",
        &scene.path("mac.baseline.json"),
        "--format",
        "json",
    ]);
    assert_eq!(out.status.code(), Some(1), "{}", text(&out.stderr));
    let check: serde_json::Value = serde_json::from_slice(&out.stdout).expect("it is JSON");
    assert_eq!(check["schema"], "firstlight.check/1");
    assert_eq!(check["exit"], 1);
    assert!(check["baseline"].as_str().is_some_and(|title| title.contains("macOS 10.15")), "{}", check["baseline"]);
    let mut found: Vec<(String, String, String, String)> = Vec::new();
    for finding in check["findings"].as_array().expect("a list") {
        let word = |field: &str| finding[field].as_str().unwrap_or_default().to_owned();
        found.push((word("grade"), word("what"), word("phase"), word("name")));
        assert!(finding["surprise"].as_f64().is_some_and(|bits| bits > 2.0), "{finding}");
        if word("grade") != "missing" {
            assert!(finding["evidence"][0]["frame"].as_u64().is_some_and(|frame| frame > 0), "{finding}");
        }
    }
    found.sort();
    let want = |grade: &str, what: &str, phase: &str, name: &str| {
        (grade.to_owned(), what.to_owned(), phase.to_owned(), name.to_owned())
    };
    let mut wanted = vec![
        want("changed", "volume", "first boot", example::GROWN),
        want("missing", "contact", "first boot", example::MISSING),
        want("new", "contact", "Safari", example::TENCENT),
        want("new", "contact", "first boot", example::NEW),
    ];
    wanted.sort();
    assert_eq!(found, wanted, "{check:#}");
}

#[test]
fn the_learnt_run_itself_is_usual() {
    let scene = Scene::new();
    let baseline = scene.path("mac.baseline.json");
    let out = firstlight(&["check", utf8(&example()), "--against", &baseline, "--color", "never"]);
    let page = text(&out.stdout);
    assert_eq!(out.status.code(), Some(0), "{page}");
    assert!(page.contains("Nothing is new, changed or missing."), "{page}");
    let out = firstlight(&["diff", utf8(&example()), &baseline]);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stdout));
}

#[test]
fn a_claim_is_broken_by_the_changed_copy_and_held_by_the_example() {
    let scene = Scene::new();
    let claims = scene.path("claims.toml");
    let toml = "[[claims]]\nid = \"no-tencent\"\ntext = \"no Tencent\"\nnever = { owner = \"Tencent\" }\n";
    fs::write(&claims, toml).expect("it can be written");
    let out = firstlight(&["claims", utf8(&example()), "--claims", &claims]);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stdout));
    assert!(text(&out.stdout).contains("held"));
    let out = firstlight(&["claims", &scene.path("changed.pcapng"), "--claims", &claims, "--format", "json"]);
    assert_eq!(out.status.code(), Some(1), "{}", text(&out.stderr));
    let judged: serde_json::Value = serde_json::from_slice(&out.stdout).expect("it is JSON");
    assert_eq!(judged["claims"][0]["verdict"], "broken");
    assert!(judged["claims"][0]["why"].as_str().is_some_and(|why| why.contains(example::TENCENT)), "{judged}");
}

#[test]
fn what_a_run_would_change_is_shown_before_it_is_accepted() {
    let scene = Scene::new();
    let (baseline, changed) = (scene.path("mac.baseline.json"), scene.path("changed.pcapng"));
    let before = fs::read(&baseline).expect("it is there");
    let out = firstlight(&["learn", "--into", &baseline, "--review", &changed]);
    let page = text(&out.stdout);
    assert_eq!(out.status.code(), Some(1), "{page}");
    assert!(page.lines().any(|line| line.starts_with("+ ") && line.contains(example::NEW)), "{page}");
    assert_eq!(fs::read(&baseline).expect("it is there"), before, "a review writes nothing");
    let out = firstlight(&["learn", "--into", &baseline, &changed]);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    assert_ne!(fs::read(&baseline).expect("it is there"), before);
    let out = firstlight(&["learn", "--into", &baseline, "--take-out", "changed.pcapng"]);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    assert_eq!(fs::read(&baseline).expect("it is there"), before, "a run that is taken out leaves nothing behind");
}

#[test]
fn what_is_no_baseline_is_said_with_its_place() {
    let scene = Scene::new();
    let baseline = scene.path("mac.baseline.json");
    let broken = fs::read_to_string(&baseline).expect("it is there").replacen("\"connections\":", "\"conections\":", 1);
    fs::write(scene.path("broken.json"), broken).expect("it can be written");
    let out = firstlight(&["check", utf8(&example()), "--against", &scene.path("broken.json")]);
    let said = text(&out.stderr);
    assert_eq!(out.status.code(), Some(2), "{said}");
    assert!(said.contains("broken.json") && said.contains("contacts[0].runs") && said.contains("hint:"), "{said}");
    fs::write(scene.path("other.json"), "{\"schema\": \"firstlight.report/1\"}").expect("it can be written");
    let out = firstlight(&["check", utf8(&example()), "--against", &scene.path("other.json")]);
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out.stderr).contains("firstlight.report/1"), "{}", text(&out.stderr));
}

/// `FIRSTLIGHT_RENEW=1 cargo test -p firstlight --test baseline` writes it anew; read the difference.
#[test]
fn the_kept_baseline_is_what_learn_makes_of_the_example() {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../baselines/macos-10.15-first-minutes.baseline.json");
    let scene = Scene::new();
    let learnt = fs::read_to_string(scene.path("mac.baseline.json")).expect("it is there");
    if std::env::var_os("FIRSTLIGHT_RENEW").is_some_and(|value| value == "1") {
        fs::write(&kept, &learnt).expect("it can be written");
    }
    let kept = fs::read_to_string(&kept).expect("it is in the repository");
    assert!(kept == learnt, "renew it with FIRSTLIGHT_RENEW=1 if the difference is meant");
}

const KEPT: [&str; 4] = ["fitbit-aria-set-up", "philips-hue-bridge-set-up", "tp-link-hs100-set-up", "xiaodu-plug-idle"];

fn baselines() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../baselines")
}

/// `FIRSTLIGHT_RENEW=1 FIRSTLIGHT_CORPUS=… cargo test -p firstlight --test baseline` writes them anew.
#[test]
fn kept_baselines_of_devices_are_what_learn_makes_of_their_captures() {
    let Some(corpus) = std::env::var_os("FIRSTLIGHT_CORPUS").filter(|value| !value.is_empty()) else {
        println!("left out, FIRSTLIGHT_CORPUS is not set: baselines of devices");
        return;
    };
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(corpus);
    let folder = tempfile::tempdir().expect("a folder can be made");
    let out = Command::new("bash")
        .arg(baselines().join("make"))
        .args([&corpus, folder.path()])
        .env("FIRSTLIGHT", env!("CARGO_BIN_EXE_firstlight"))
        .output()
        .expect("bash runs");
    assert!(out.status.success(), "{}", text(&out.stderr));
    for name in KEPT {
        let file = format!("{name}.baseline.json");
        let made = fs::read_to_string(folder.path().join(&file)).expect("it was made");
        if std::env::var_os("FIRSTLIGHT_RENEW").is_some_and(|value| value == "1") {
            fs::write(baselines().join(&file), &made).expect("it can be written");
        }
        let kept = fs::read_to_string(baselines().join(&file)).expect("it is in the repository");
        assert!(kept == made, "{file} differs; renew it with FIRSTLIGHT_RENEW=1 if that is meant");
    }
}

#[test]
fn kept_baselines_are_listed_read_and_written_as_they_are() {
    let readme = fs::read_to_string(baselines().join("README.md")).expect("it is there");
    let folder = tempfile::tempdir().expect("a folder can be made");
    let mut files = 0;
    for entry in fs::read_dir(baselines()).expect("it is there") {
        let path = entry.expect("it can be read").path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()).filter(|name| name.ends_with(".json")) else {
            continue;
        };
        files += 1;
        assert!(readme.contains(&format!("| `{name}` | ")), "README.md does not say where {name} is from");
        let again = folder.path().join(name);
        let out = firstlight(&["learn", utf8(&path), "-o", utf8(&again)]);
        assert_eq!(out.status.code(), Some(0), "{name}: {}", text(&out.stderr));
        assert!(fs::read(&path).expect("kept") == fs::read(&again).expect("written"), "{name} is written differently");
        let out = firstlight(&["diff", utf8(&path), utf8(&again), "--format", "json"]);
        assert_eq!(out.status.code(), Some(0), "{name}: {}", text(&out.stdout));
    }
    assert_eq!(files, KEPT.len() + 1);
}

#[test]
fn a_pattern_says_what_it_stands_for_and_one_for_everybody_is_refused() {
    let scene = Scene::new();
    let baseline = scene.path("mac.baseline.json");
    let before = fs::read(&baseline).expect("it is there");
    for (pattern, said) in [("*.com", "many owners"), ("*.co.uk", "many owners"), ("www.apple.com", "no pattern")] {
        let out = firstlight(&["learn", "--into", &baseline, "--accept", pattern]);
        assert_eq!(out.status.code(), Some(2), "{pattern}");
        assert!(text(&out.stderr).contains(said), "{}", text(&out.stderr));
        assert!(fs::read(&baseline).expect("it is there") == before, "{pattern} changed the baseline");
    }
    let accept = ["learn", "--into", &baseline, "--accept", "gspe*-ssl.ls.apple.com"];
    let out = firstlight(&[accept.as_slice(), &["--review"]].concat());
    let said = text(&out.stdout);
    assert!(said.contains("accepted: 'gspe*-ssl.ls.apple.com' stands for gspe1-ssl.ls.apple.com, gspe21-"), "{said}");
    assert!(said.contains("+ pattern gspe*-ssl.ls.apple.com"), "{said}");
    assert!(fs::read(&baseline).expect("it is there") == before, "a review changed the baseline");
    assert_eq!(firstlight(&accept).status.code(), Some(0));
    // Another such name is usual from then on: the example still is.
    let out = firstlight(&["check", utf8(&example()), "--against", &baseline, "-q"]);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stdout));
}
