//! What is written as SARIF is valid by the schema of SARIF 2.1.0.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

#[path = "support/python.rs"]
mod python;

/// `.ci/run` gets it from the package @microsoft/jest-sarif.
const SCHEMA: &str = "sarif/package/lib/schemas/sarif-2.1.0-rtm.5.json";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn reports_and_checks_are_valid() {
    let Some(python) = python::with(&["jsonschema"]) else { return };
    let schema = python.ancestors().nth(3).expect("it is below the target folder").join(SCHEMA);
    if !schema.exists() {
        return println!("left out: {} is not there", schema.display());
    }
    let folder = tempfile::tempdir().expect("a folder");
    let capture = root().join("examples").join(firstlight_synth::example::CAPTURE);
    let baseline = fs::read_dir(root().join("baselines")).expect("a folder").map(|entry| entry.expect("a file").path());
    let baseline = baseline.filter(|path| path.extension().is_some_and(|it| it == "json")).min().expect("a baseline");
    let path = |path: &Path| path.to_str().expect("UTF-8").to_owned();
    let (report, check) = (folder.path().join("report.sarif"), folder.path().join("check.sarif"));
    let capture = path(&capture);
    for arguments in [
        vec!["report".to_owned(), capture.clone(), "-o".to_owned(), path(&report)],
        // Held against what another machine does there is much to find.
        vec![
            "check".to_owned(),
            capture,
            "--against".to_owned(),
            path(&baseline),
            "--machine".to_owned(),
            "192.168.2.1".to_owned(),
            "-o".to_owned(),
            path(&check),
        ],
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_firstlight"))
            .args(arguments)
            .args(["--format", "sarif"])
            .output()
            .expect("the program runs");
        assert!(matches!(output.status.code(), Some(0 | 1)), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let program = "import sys, json, jsonschema\n\
        schema = json.load(open(sys.argv[1]))\n\
        validator = jsonschema.Draft4Validator(schema)\n\
        for name in sys.argv[2:]:\n    \
            document = json.load(open(name))\n    \
            assert document['runs'][0]['results'], name\n    \
            validator.validate(document)\n    \
            document['runs'][0]['results'][0]['level'] = 'terrible'\n    \
            assert not validator.is_valid(document), name\n";
    let output = Command::new(python).args(["-c", program]).args([&schema, &report, &check]).output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
