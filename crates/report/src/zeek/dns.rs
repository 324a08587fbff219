//! dns.log: a line for each question with its answer, when the answer is there; without one, when the conversation is over.

use std::collections::VecDeque;

use firstlight_model::{AnswerRecord, Conversation, LookUp, MessageHeader, Observation, RecordData, Timestamp, Value};

use super::row::Cell;
use super::{Files, Log, ends, kept, names, transport};

pub(super) const LOG: Log = Log {
    name: "dns",
    columns: &[
        ("ts", "time"),
        ("uid", "string"),
        ("id.orig_h", "addr"),
        ("id.orig_p", "port"),
        ("id.resp_h", "addr"),
        ("id.resp_p", "port"),
        ("proto", "enum"),
        ("trans_id", "count"),
        ("rtt", "interval"),
        ("query", "string"),
        ("qclass", "count"),
        ("qclass_name", "string"),
        ("qtype", "count"),
        ("qtype_name", "string"),
        ("rcode", "count"),
        ("rcode_name", "string"),
        ("AA", "bool"),
        ("TC", "bool"),
        ("RD", "bool"),
        ("RA", "bool"),
        ("Z", "count"),
        ("answers", "vector[string]"),
        ("TTLs", "vector[interval]"),
        ("rejected", "bool"),
        ("opcode", "count"),
        ("opcode_name", "string"),
    ],
};

/// Questions of one conversation that wait for an answer. The oldest is written without one when there are more.
const PENDING: usize = 50;

/// What goes on in one conversation.
#[derive(Default)]
pub(super) struct Transactions {
    pending: VecDeque<Transaction>,
    /// The message at hand: its records are still to come.
    current: Option<Transaction>,
}

/// A question, an answer, or both.
struct Transaction {
    time: Timestamp,
    id: u16,
    is_answered: bool,
    asked: Option<(Box<str>, u16)>,
    class: Option<u16>,
    round_trip_ns: Option<i64>,
    /// Of the question, or of an answer without one.
    flags: u16,
    answer_flags: u16,
    response_code: u16,
    is_rejected: bool,
    answers: Vec<Option<Box<str>>>,
    ttls_s: Vec<u32>,
}

impl Transactions {
    pub(super) fn observe(
        &mut self,
        talk: &Conversation<'_>,
        time: Timestamp,
        observation: &Observation<'_>,
        files: &mut Files<'_>,
    ) {
        match observation.value {
            Value::Header(header) => {
                self.settle(talk, files);
                self.begin(time, &header, talk);
            }
            Value::LookUp(look_up) => {
                if let Some(current) = &mut self.current {
                    current.look_up(&look_up);
                }
            }
            Value::Record(record) => {
                if let Some(current) = &mut self.current {
                    current.record(&record);
                }
            }
            _ => {}
        }
    }

    /// Questions that are kept.
    #[cfg(test)]
    pub(super) fn waits(&self) -> usize {
        self.pending.len() + usize::from(self.current.is_some())
    }

    pub(super) fn finish(&mut self, talk: &Conversation<'_>, files: &mut Files<'_>) {
        self.settle(talk, files);
        for transaction in self.pending.drain(..) {
            transaction.write(talk, files);
        }
    }

    fn begin(&mut self, time: Timestamp, header: &MessageHeader, talk: &Conversation<'_>) {
        const RESPONSE: u16 = 0x8000;
        let is_response = header.flags & RESPONSE != 0;
        let is_answer = is_response && !is_told_to_all(talk);
        let asked = self.pending.iter().position(|other| is_answer && other.id == header.id);
        let asked = asked.and_then(|at| self.pending.remove(at));
        let round_trip_ns = asked.as_ref().map(|asked| time.since_ns(asked.time)).filter(|ns| *ns > 0);
        let mut transaction = asked.unwrap_or(Transaction {
            time,
            id: header.id,
            is_answered: false,
            asked: None,
            class: header.class,
            round_trip_ns: None,
            flags: header.flags,
            answer_flags: 0,
            response_code: 0,
            is_rejected: false,
            answers: Vec::new(),
            ttls_s: Vec::new(),
        });
        if is_response {
            let [questions, answers, authorities, additional] = header.counts;
            transaction.is_answered = true;
            transaction.round_trip_ns = round_trip_ns;
            transaction.answer_flags = header.flags;
            transaction.response_code = header.response_code;
            transaction.is_rejected = (questions > 0 && answers == 0 && authorities == 0 && additional == 0)
                || (questions == 0 && header.response_code != 0);
        }
        self.current = Some(transaction);
    }

    /// The message at hand is complete.
    fn settle(&mut self, talk: &Conversation<'_>, files: &mut Files<'_>) {
        let Some(transaction) = self.current.take() else { return };
        // What is told to everybody answers nobody's question (RFC 6762 s. 6).
        if transaction.is_answered || is_told_to_all(talk) {
            return transaction.write(talk, files);
        }
        if self.pending.len() >= PENDING
            && let Some(oldest) = self.pending.pop_front()
        {
            oldest.write(talk, files);
        }
        self.pending.push_back(transaction);
    }
}

fn is_told_to_all(talk: &Conversation<'_>) -> bool {
    const MULTICAST_DNS: u16 = 5353;
    [talk.originator.port, talk.responder.port].contains(&MULTICAST_DNS)
}

impl Transaction {
    fn look_up(&mut self, look_up: &LookUp<'_>) {
        self.asked = Some((kept(look_up.name), look_up.record_type));
    }

    /// The dissector reads a limited number of them.
    fn record(&mut self, record: &AnswerRecord<'_>) {
        if self.asked.is_none() && self.answers.is_empty() {
            // Nobody asked: what is told of is what is told.
            self.asked = Some((kept(record.owner), 0));
        }
        self.answers.push(match record.data {
            RecordData::Address(address) => Some(address.to_string().into()),
            RecordData::Name(name) => Some(kept(name)),
            RecordData::Unread => None,
        });
        self.ttls_s.push(record.ttl_s);
    }

    fn write(&self, talk: &Conversation<'_>, files: &mut Files<'_>) {
        const ANSWER_BITS: [u16; 2] = [0x0400, 0x0080];
        const TRUNCATED: u16 = 0x0200;
        const RECURSION_DESIRED: u16 = 0x0100;
        let [ts, uid, from, from_port, to, to_port] = ends(talk, self.time);
        let [is_authoritative, offers_recursion] = ANSWER_BITS.map(|bit| self.answer_flags & bit != 0);
        let is_truncated = (self.flags | self.answer_flags) & TRUNCATED != 0;
        let (name, record_type) = self.asked.as_ref().map_or((None, None), |(name, kind)| (Some(&**name), Some(*kind)));
        let record_type = record_type.filter(|_| self.class.is_some());
        let code = self.is_answered.then_some(self.response_code);
        let has_answers = !self.answers.is_empty();
        let cells = [
            ts,
            uid,
            from,
            from_port,
            to,
            to_port,
            Cell::text(transport(talk)),
            Cell::Count(self.id.into()),
            self.round_trip_ns.map_or(Cell::Unset, Cell::Interval),
            Cell::maybe(name),
            Cell::count(self.class.map(u64::from)),
            Cell::maybe(self.class.map(names::class)),
            Cell::count(record_type.map(u64::from)),
            Cell::maybe(record_type.map(names::record_type)),
            Cell::count(code.map(u64::from)),
            Cell::maybe(code.map(names::response_code)),
            Cell::Bool(is_authoritative),
            Cell::Bool(is_truncated),
            Cell::Bool(self.flags & RECURSION_DESIRED != 0),
            Cell::Bool(offers_recursion),
            Cell::Count((self.flags >> 4 & 7).into()),
            if has_answers {
                Cell::Texts(self.answers.iter().map(|answer| answer.as_deref().map(Into::into)).collect())
            } else {
                Cell::Unset
            },
            if has_answers { Cell::Intervals(self.ttls_s.clone()) } else { Cell::Unset },
            Cell::Bool(self.is_rejected),
            Cell::Count(0),
            Cell::text("query"),
        ];
        files.line(&LOG, self.time, &cells);
    }
}
