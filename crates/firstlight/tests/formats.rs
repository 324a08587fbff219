//! Every format of a report counts the same, on the example.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(firstlight_synth::example::CAPTURE)
}

fn firstlight<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> String {
    let out = Command::new(env!("CARGO_BIN_EXE_firstlight")).args(arguments).output().expect("the program runs");
    assert!(matches!(out.status.code(), Some(0 | 1)), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).expect("output is UTF-8")
}

fn report(format: &str) -> String {
    let example = example();
    let arguments = ["report", "--all", "--exact", "--format", format].map(OsStr::new);
    firstlight(arguments.into_iter().chain([example.as_os_str()]))
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    for format in firstlight_report::FORMATS {
        let mut child = Command::new(env!("CARGO_BIN_EXE_firstlight"))
            .args(["report", "--format", format.name])
            .arg(example())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program runs");
        drop(child.stdout.take());
        let out = child.wait_with_output().expect("it ends");
        assert_eq!(
            (String::from_utf8_lossy(&out.stderr).as_ref(), out.status.code()),
            ("", Some(0)),
            "{}",
            format.name
        );
    }
}

fn json() -> Value {
    serde_json::from_str(&report("json")).expect("it is JSON")
}

#[test]
fn the_page_counts_what_the_document_counts() {
    let json = json();
    let page = report("html");
    let (_, table) = page.split_once("<table id=\"contacts-table\"").expect("it has the table");
    let (table, _) = table.split_once("</table>").expect("the table ends");
    let number = |cell: &str| {
        let (text, _) = cell.split_once("</td>").expect("the cell ends");
        text.replace([',', 'B', ' '], "").parse::<u64>().expect("a count")
    };
    let mut counted: Counts = table
        .split("<tr class=\"")
        .skip(1)
        .filter(|row| !row.starts_with("more"))
        .map(|row| {
            let cells: Vec<u64> = row.split("<td class=\"n\">").skip(1).map(number).collect();
            <[u64; 3]>::try_from(cells).expect("times, sent and received")
        })
        .collect();
    let mut wanted = counts(json["contacts"].as_array().expect("a list").iter());
    // The page has what received most first, of the machine that it is about and then of others.
    counted.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(counted, wanted);
    // Owners and names: each byte of the machine's contacts is in one row of both tables.
    let machine = &json["machines"][0]["id"];
    let of_machine = || json["contacts"].as_array().expect("a list").iter().filter(|it| it["machine"] == *machine);
    let wire = |it: &Value| it["wire_out"].as_u64().expect("a count") + it["wire_in"].as_u64().expect("a count");
    let all: u64 = of_machine().map(wire).sum();
    for caption in ["Owners and when they were contacted", "Owners and names by bytes on the wire, both directions"] {
        let (_, table) = page.split_once(&format!("<caption>{caption}</caption>")).expect("it has the table");
        let (table, _) = table.split_once("</table>").expect("the table ends");
        let rows = table.split("</tr>").filter_map(|row| row.rsplit_once("<td class=\"n\">"));
        let sum: u64 = rows.map(|(_, cell)| number(cell)).sum();
        assert_eq!(sum, all, "{caption}");
    }
    // The first sentence, counted from the document.
    let far = || of_machine().filter(|it| it["scope"] == "internet");
    let others = || far().filter(|it| it["vendor_own"] != true && it["owner"].is_string());
    let distinct = |texts: &mut dyn Iterator<Item = &Value>| texts.map(Value::to_string).collect::<BTreeSet<_>>().len();
    let own: u64 = far().filter(|it| it["vendor_own"] == true).map(wire).sum();
    let per_mille = (own * 1_000 + far().map(wire).sum::<u64>() / 2) / far().map(wire).sum::<u64>();
    let (contacts, owners) =
        (distinct(&mut others().map(|it| &it["name"])), distinct(&mut others().map(|it| &it["owner"])));
    for words in [
        format!("{}.{} % of bytes are Apple's own", per_mille / 10, per_mille % 10),
        format!("{contacts} contacts with {owners} others"),
    ] {
        assert!(page.split_once("</h1>").is_some_and(|(head, _)| head.contains(&words)), "{words}");
    }
    for (section, list) in
        [("fingerprints", "fingerprints"), ("http", "http"), ("odd", "anomalies"), ("unnamed", "unnamed")]
    {
        let (_, section) = page.split_once(&format!("<h2 id=\"{section}\"")).expect("it has the section");
        let (section, _) = section.split_once("</section>").expect("the section ends");
        let begin = if list == "fingerprints" { "<li><p><strong>" } else { "<tr>" };
        let head = usize::from(list != "fingerprints");
        let wanted = json[list].as_array().expect("a list").len();
        assert_eq!(section.matches(begin).count() - head, wanted, "{list}");
    }
}

/// Connections, bytes sent and received of each contact, in the order of the report.
type Counts = Vec<[u64; 3]>;

fn counts<'a>(contacts: impl Iterator<Item = &'a Value>) -> Counts {
    let of = |contact: &Value, field: &str| contact[field].as_u64().expect("a count");
    contacts.map(|c| ["connections", "payload_out", "payload_in"].map(|field| of(c, field))).collect()
}

#[test]
fn lines_hold_what_the_document_holds() {
    let json = json();
    let lines: Vec<Value> =
        report("jsonl").lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect();
    let of = |record: &str| lines.iter().filter(|line| line["record"] == record).collect::<Vec<_>>();
    assert_eq!(of("report")[0]["schema"], json["schema"]);
    let lists = [
        ("capture", "captures"),
        ("machine", "machines"),
        ("summary", "summary"),
        ("phase", "phases"),
        ("contact", "contacts"),
        ("fingerprint", "fingerprints"),
        ("http", "http"),
        ("unnamed", "unnamed"),
        ("anomaly", "anomalies"),
    ];
    for (record, list) in lists {
        let list = json[list].as_array().expect("a list");
        let lines = of(record);
        assert_eq!(lines.len(), list.len(), "{record}");
        for (line, element) in lines.iter().zip(list) {
            let mut fields = line.as_object().expect("an object").clone();
            fields.shift_remove("record");
            assert_eq!(&Value::Object(fields), element, "{record}");
        }
    }
    assert_eq!(of("coverage")[0]["bytes_total"], json["coverage"]["bytes_total"]);
    assert_eq!(lines.len(), lists.iter().map(|(record, _)| of(record).len()).sum::<usize>() + 2);
}

#[test]
fn the_table_counts_what_the_document_counts() {
    let json = json();
    let table = report("csv");
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let columns: Vec<String> = reader.headers().expect("it has columns").iter().map(str::to_owned).collect();
    let at = |name: &str| columns.iter().position(|column| column == name).expect("a column");
    let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("a row")).collect();
    let of = |row: &csv::StringRecord, name: &str| row[at(name)].parse::<u64>().expect("a count");
    let counted: Counts =
        rows.iter().map(|row| ["connections", "payload_out", "payload_in"].map(|name| of(row, name))).collect();
    assert_eq!(counted, counts(json["contacts"].as_array().expect("a list").iter()));
}

#[test]
fn sarif_has_a_result_for_each_anomaly_and_a_place_for_each_frame() {
    let json = json();
    let sarif: Value = serde_json::from_str(&report("sarif")).expect("it is JSON");
    let results = sarif["runs"][0]["results"].as_array().expect("a list");
    let anomalies = json["anomalies"].as_array().expect("a list");
    assert_eq!(results.len(), anomalies.len());
    for (result, anomaly) in results.iter().zip(anomalies) {
        assert_eq!((&result["ruleId"], &result["occurrenceCount"]), (&anomaly["kind"], &anomaly["count"]));
        let places = result["locations"].as_array().expect("a list").iter();
        let frames: Vec<String> =
            places.map(|place| place["logicalLocations"][0]["name"].as_str().expect("a name").to_owned()).collect();
        let wanted = anomaly["frames"].as_array().expect("a list").iter();
        assert_eq!(frames, wanted.map(|frame| format!("frame {}", frame["frame"])).collect::<Vec<_>>());
    }
}

/// Lines of the logs in a folder, without those around them, as columns.
fn lines(folder: &Path, log: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(folder.join(format!("{log}.log"))).expect("a log");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

#[test]
fn logs_have_a_line_for_each_connection_look_up_handshake_and_request() {
    let json = json();
    let folder = tempfile::tempdir().expect("a folder");
    let logs = folder.path().join("logs");
    let output = Command::new(env!("CARGO_BIN_EXE_firstlight"))
        .args(["report", "--format", "zeek", "-w"])
        .args([&logs, &example()])
        .output()
        .expect("the program runs");
    assert!(output.status.success());
    let contacts = json["contacts"].as_array().expect("a list");
    let sum = |of: &dyn Fn(&Value) -> u64| contacts.iter().map(of).sum::<u64>();
    let number = |value: &Value| value.as_u64().expect("a count");
    let connections = lines(&logs, "conn");
    assert_eq!(connections.len() as u64, sum(&|contact| number(&contact["connections"])));
    // orig_pkts and resp_pkts: who is originator there may be the peer here.
    let packets = |line: &Vec<String>| [16, 18].map(|at| line[at].parse::<u64>().expect("a count")).iter().sum::<u64>();
    let in_contacts = sum(&|contact| number(&contact["packets_out"]) + number(&contact["packets_in"]));
    assert_eq!(connections.iter().map(packets).sum::<u64>(), in_contacts);
    let of_tls = sum(&|contact| if contact["service"] == "tls" { number(&contact["connections"]) } else { 0 });
    assert_eq!(lines(&logs, "ssl").len() as u64, of_tls);
    let requests = json["http"].as_array().expect("a list").iter().map(|it| number(&it["count"])).sum::<u64>();
    assert_eq!(lines(&logs, "http").len() as u64, requests);
    // The rest is told to all on the local network.
    let asked = lines(&logs, "dns").iter().filter(|line| line[5] == "53").count() as u64;
    assert_eq!(
        asked,
        json["summary"].as_array().expect("a list").iter().map(|it| number(&it["dns_queries"])).sum::<u64>()
    );
}

#[test]
fn the_article_counts_what_the_document_counts() {
    let json = json();
    let article = report("markdown");
    // contact | service | times | sent | received | what for
    let cells = |line: &str| line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let number = |cell: &str| cell.replace([',', 'B', ' '], "").parse::<u64>();
    let mut counted: Counts = article
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(cells)
        .filter(|cells| cells.len() == 6)
        .map(|cells| [2, 3, 4].map(|at| number(&cells[at]).expect("a count")))
        .collect();
    let machine = &json["machines"][0]["id"];
    let contacts = json["contacts"].as_array().expect("a list").iter();
    let mut wanted = counts(contacts.filter(|contact| contact["machine"] == *machine));
    counted.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(counted, wanted);
}

/// A table of Markdown below each heading `## Word (n)`: the word, n, and the rows that are there.
fn tables(article: &str) -> Vec<(String, usize, usize)> {
    let mut tables = Vec::new();
    for part in article.split("\n## ").skip(1) {
        let (heading, rest) = part.split_once('\n').expect("a heading ends");
        let (word, number) = heading.split_once(" (").expect("a number");
        let rows = rest.lines().filter(|line| line.starts_with("| ")).count() - 1;
        tables.push((word.to_lowercase(), number.trim_end_matches(')').parse().expect("a count"), rows));
    }
    tables
}

#[test]
fn what_is_compared_counts_the_same_in_each_format() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let changed = folder.path().join("changed.pcapng");
    fs::write(&changed, firstlight_synth::example::macos_10_15_changed().to_pcapng()).expect("it can be written");
    let (example, changed) = (example().display().to_string(), changed.display().to_string());
    let baseline = folder.path().join("mac.baseline.json").display().to_string();
    firstlight(["learn", &example, "-o", &baseline]);
    for (arguments, list, kind) in [
        (vec!["check", &changed, "--against", &baseline], "findings", "grade"),
        (vec!["diff", &example, &changed], "changes", "kind"),
    ] {
        let printed = |format: &str| firstlight(arguments.iter().copied().chain(["--all", "--format", format]));
        let json: Value = serde_json::from_str(&printed("json")).expect("it is JSON");
        let (article, page) = (printed("markdown"), printed("html"));
        let (tables, mut all) = (tables(&article), 0);
        let json_list = json[list].as_array().expect("a list");
        for word in ["new", "gone", "changed", "grown", "shrunk", "missing", "cannot_tell"] {
            let wanted = json_list.iter().filter(|it| it[kind] == word).count();
            let words = if word == "cannot_tell" { "cannot be told" } else { word };
            let told = tables.iter().find(|(name, _, _)| name == words).map_or((0, 0), |(_, n, rows)| (*n, *rows));
            assert_eq!(told, (wanted, wanted), "{list} {word} in the article");
            assert_eq!(
                page.matches(&format!("<span class=\"tag {word}\">")).count(),
                wanted,
                "{list} {word} in the page"
            );
            all += wanted;
        }
        assert!(all > 2 && all == json_list.len(), "{list}: {all}");
        for it in json_list {
            let name = it["name"].as_str().unwrap_or_default();
            assert!(article.contains(name) && page.contains(name), "{name}");
        }
    }
}

#[test]
fn the_page_of_a_baseline_counts_what_its_runs_counted() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let path = |name: &str| folder.path().join(name).display().to_string();
    fs::write(path("changed.pcapng"), firstlight_synth::example::macos_10_15_changed().to_pcapng())
        .expect("it can be written");
    let captures = [example().display().to_string(), path("changed.pcapng")];
    let (page, baseline) = (path("two.html"), path("two.baseline.json"));
    firstlight(["learn", &captures[0], &captures[1], "-o", &baseline, "--html", &page]);
    let page = fs::read_to_string(page).expect("it is there");
    let baseline: Value = serde_json::from_str(&fs::read_to_string(baseline).expect("it is there")).expect("JSON");
    assert_eq!(page.matches("<tr class=\"more\">").count(), baseline["contacts"].as_array().expect("a list").len());
    // Each line of a contact is of one run: `run 1: 18 times, …`.
    let connections = |run: usize| -> u64 {
        let line = format!("run {run}: ");
        let times = page.split(&line).skip(1).map(|rest| rest.split(' ').next().unwrap_or_default());
        times.filter_map(|times| times.replace(',', "").parse::<u64>().ok()).sum()
    };
    let counted: Vec<(u64, u64)> = captures
        .iter()
        .map(|capture| {
            let report: Value =
                serde_json::from_str(&firstlight(["report", capture, "--format", "json"])).expect("it is JSON");
            let machine = &report["machines"][0]["id"];
            let of_machine =
                report["contacts"].as_array().expect("a list").iter().filter(|it| it["machine"] == *machine);
            let order =
                ["first", "sha256"].map(|field| report["captures"][0][field].as_str().expect("a text").to_owned());
            (order, of_machine.map(|it| it["connections"].as_u64().expect("a count")).sum::<u64>())
        })
        .collect::<std::collections::BTreeMap<_, _>>()
        .into_values()
        .enumerate()
        .map(|(at, wanted)| (connections(at + 1), wanted))
        .collect();
    assert_eq!(counted.len(), 2, "two runs");
    for (told, wanted) in counted {
        assert_eq!(told, wanted);
    }
}
