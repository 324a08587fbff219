//! The notation of lines, and what is waited for.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use firstlight_model::observation::{Field, Role};
use firstlight_model::{Direction, Ended, Endpoint, LookUp, MessageHeader, Observation, Transport};

use super::*;

type Written = Rc<RefCell<BTreeMap<&'static str, Vec<u8>>>>;

struct Page(Written, &'static str);

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().entry(self.1).or_default().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

static NAME: Field = Field { name: "dns.qry.name", role: Role::LookUp, reference: "a test" };

const TALK: Conversation<'_> = Conversation {
    uid: "C1",
    transport: Transport::UDP,
    originator: Endpoint { address: std::net::IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1)), port: 5000 },
    responder: Endpoint { address: std::net::IpAddr::V4(std::net::Ipv4Addr::new(8, 8, 8, 8)), port: 53 },
    first: Timestamp::from_ns(1_570_717_200_000_000_500),
};

const ENDED: Ended<'_> = Ended {
    last: Timestamp::from_ns(1_570_717_201_500_000_500),
    packets: [2, 1],
    ip_bytes: [120, 90],
    payload_bytes: [64, 62],
    missed_bytes: 0,
    state: "SF",
    history: "Dd",
    service: Some("dns"),
    community_id: "1:abc=",
};

/// A question with a name, at so many milliseconds, or an answer to it.
fn message(logs: &mut Logs<'_>, ms: i64, id: u16, flags: u16, name: &str) {
    let time = TALK.first.plus_ns(ms * 1_000_000);
    let header = MessageHeader { id, flags, class: Some(1), counts: [1, 0, 0, 0], response_code: flags & 0xf };
    let look_up = LookUp {
        name,
        record_type: 28,
        is_response: flags & 0x8000 != 0,
        response_code: flags & 0xf,
        answers: 0,
        id,
        alias: None,
    };
    for value in [Value::Header(header), Value::LookUp(look_up)] {
        let observation = Observation { field: &NAME, direction: Direction::Originator, value };
        logs.take(&TALK, &Event::Observed { time, observation: &observation });
    }
}

fn written(notation: Notation, happen: impl FnOnce(&mut Logs<'_>)) -> (BTreeMap<&'static str, String>, Vec<u64>) {
    let all = Written::default();
    let pages = Rc::clone(&all);
    let mut open = move |name| Ok(Box::new(Page(Rc::clone(&pages), name)) as Box<dyn Write>);
    let mut logs = Logs::new(notation, &mut open);
    happen(&mut logs);
    let counts = logs.finish().unwrap().into_iter().map(|(_, lines)| lines).collect();
    let texts = all.borrow().iter().map(|(name, bytes)| (*name, String::from_utf8(bytes.clone()).unwrap())).collect();
    (texts, counts)
}

fn rows(text: &str) -> Vec<Vec<&str>> {
    text.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').collect()).collect()
}

#[test]
fn a_log_has_the_lines_around_it_that_readers_of_zeek_look_for() {
    let (texts, counts) = written(Notation::Tabs, |logs| logs.take(&TALK, &Event::Ended(ENDED)));
    let lines: Vec<&str> = texts["conn"].lines().collect();
    assert_eq!(
        lines[..6],
        [
            "#separator \\x09",
            "#set_separator\t,",
            "#empty_field\t(empty)",
            "#unset_field\t-",
            "#path\tconn",
            "#open\t2019-10-10-14-20-00"
        ]
    );
    assert_eq!(lines[8..9].join("").split('\t').count(), conn::LOG.columns.len());
    assert_eq!(
        lines[8],
        "1570717200.000001\tC1\t10.0.0.1\t5000\t8.8.8.8\t53\tudp\tdns\t1.500000\t64\t62\tSF\tT\tF\t0\tDd\t2\t120\t1\t90\t-\t17\t1:abc="
    );
    assert_eq!(lines[9], "#close\t2019-10-10-14-20-00");
    assert_eq!(counts, [1]);
}

#[test]
fn a_capture_without_connections_has_an_empty_log_of_them() {
    let (texts, counts) = written(Notation::Tabs, |_| {});
    assert_eq!((texts["conn"].lines().count(), counts), (9, vec![0]));
    assert_eq!(texts.len(), 1);
}

#[test]
fn an_answer_finds_its_question_and_a_question_without_one_is_told_at_the_end() {
    let (texts, _) = written(Notation::Tabs, |logs| {
        message(logs, 0, 7, 0x0100, "a.example");
        message(logs, 1, 8, 0x0100, "b.example");
        message(logs, 31, 8, 0x8583, "b.example");
        logs.take(&TALK, &Event::Ended(ENDED));
    });
    let rows = rows(&texts["dns"]);
    assert_eq!(rows.len(), 2);
    assert_eq!(
        rows[0][7..],
        [
            "8",
            "0.030000",
            "b.example",
            "1",
            "C_INTERNET",
            "28",
            "AAAA",
            "3",
            "NXDOMAIN",
            "T",
            "F",
            "T",
            "T",
            "0",
            "-",
            "-",
            "T",
            "0",
            "query"
        ]
    );
    assert_eq!(
        rows[1][7..],
        [
            "7",
            "-",
            "a.example",
            "1",
            "C_INTERNET",
            "28",
            "AAAA",
            "-",
            "-",
            "F",
            "F",
            "T",
            "F",
            "0",
            "-",
            "-",
            "F",
            "0",
            "query"
        ]
    );
}

#[test]
fn questions_that_nobody_answers_are_not_kept_for_ever() {
    let (texts, _) = written(Notation::Tabs, |logs| {
        for id in 0..1000 {
            message(logs, id.into(), id, 0x0100, "a.example");
        }
        assert!(logs.known.values().all(|known| known.dns.as_ref().is_some_and(|dns| dns.waits() <= 51)));
        logs.take(&TALK, &Event::Ended(ENDED));
        assert!(logs.known.is_empty());
    });
    assert_eq!(rows(&texts["dns"]).len(), 1000);
}

#[test]
fn what_an_enemy_writes_stays_in_its_column() {
    for (name, cell) in [
        ("a\tb\nc", "a\\x09b\\x0ac"),
        ("-", "\\x2d"),
        ("(empty)", "\\x28empty)"),
        ("a\\027b", "a\\\\027b"),
        ("\u{202e}x", "\\xe2\\x80\\xaex"),
        ("bücher", "bücher"),
        ("", "(empty)"),
    ] {
        let happen = |logs: &mut Logs<'_>| {
            message(logs, 0, 7, 0x0100, name);
            logs.take(&TALK, &Event::Ended(ENDED));
        };
        let (texts, _) = written(Notation::Tabs, happen);
        assert_eq!(rows(&texts["dns"])[0][9], cell);
        let (texts, _) = written(Notation::Json, happen);
        let line: serde_json::Value = serde_json::from_str(&texts["dns"]).unwrap();
        assert_eq!((line["query"].as_str(), line["ts"].as_f64()), (Some(name), Some(1_570_717_200.000_001)));
        assert!(line.get("rcode").is_none() && line["id.resp_p"] == 53, "{line}");
    }
}

#[test]
fn a_comma_parts_the_elements_of_a_list_only_where_it_is_one() {
    let cells = [Cell::text("a,b"), Cell::Texts(vec![Some("a,b".into()), None, Some("-".into())])];
    let columns = [("one", "string"), ("two", "vector[string]")];
    let mut out = Vec::new();
    row::write(Notation::Tabs, &columns, &cells, &mut out).unwrap();
    assert_eq!(String::from_utf8(out).unwrap(), "a,b\ta\\x2cb,-,\\x2d\n");
}

#[test]
fn a_file_that_cannot_be_opened_is_said_at_the_end() {
    let mut open = |_| Err(io::Error::other("no room"));
    let mut logs = Logs::new(Notation::Tabs, &mut open);
    logs.take(&TALK, &Event::Ended(ENDED));
    assert_eq!(logs.finish().unwrap_err().to_string(), "no room");
}
