//! What a session says, as fields and texts.

use firstlight_dissect::Sink;
use firstlight_model::{Observation, Value};

/// Everything that was observed, in order.
#[derive(Default)]
pub struct Heard(pub Vec<(&'static str, String)>);

impl Sink for Heard {
    fn observe(&mut self, observation: Observation<'_>) {
        let value = match observation.value {
            Value::Text(text) => text.to_owned(),
            Value::Number(number) => number.to_string(),
            Value::LookUp(look_up) => {
                format!("{} {} {} {:?}", look_up.name, look_up.record_type, look_up.response_code, look_up.alias)
            }
            Value::Binding(binding) => {
                format!("{} {} {} {}", binding.asked, binding.owner, binding.address, binding.ttl_s)
            }
            Value::Header(header) => format!("{header:?}"),
            Value::Record(record) => format!("{record:?}"),
            Value::Time(message) => format!("{message:?}"),
            Value::PublicName(name) => format!("{name:?}"),
            Value::Certificate(facts) => format!("{facts:?}"),
            Value::Lease(lease) => format!("{lease:?}"),
            Value::Exchange(exchange) => format!(
                "{} {} {} {} out {} in {}{}{}",
                exchange.method.unwrap_or("-"),
                exchange.host.unwrap_or("-"),
                exchange.path.unwrap_or("-"),
                exchange.status.map_or("-".to_owned(), |status| status.to_string()),
                exchange.body_out,
                exchange.body_in,
                exchange.remark.map_or(String::new(), |remark| format!(" ({remark})")),
                match (exchange.referrer, exchange.origin, exchange.version, exchange.reason) {
                    (Some(from), Some(origin), Some(version), Some(reason)) => {
                        format!(", from {from} of {origin}: {version} {reason}")
                    }
                    _ => String::new(),
                },
            ),
        };
        self.0.push((observation.field.name, value));
    }
}

impl Heard {
    /// The values of one field.
    pub fn of(&self, field: &str) -> Vec<&str> {
        self.0.iter().filter(|(name, _)| *name == field).map(|(_, value)| value.as_str()).collect()
    }
}
