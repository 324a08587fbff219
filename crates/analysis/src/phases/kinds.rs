//! What a start was for, by what the machine contacted after it.

use firstlight_model::report::{Contact, Phase, PhaseKind};

/// An installation fetches so many bytes of software at least; what checks for updates fetches less.
const INSTALL_BYTES: u64 = 10_000_000;
/// Categories of contacts by which a machine registers or is set up, and of those that give it its software.
const SET_UP: [&str; 2] = ["activation", "provisioning"];
const SOFTWARE: &str = "software-update";

/// Makes of a start an installation or a set-up where its contacts say so.
pub(super) fn tell_set_up<'a>(phase: &mut Phase, contacts: impl Iterator<Item = &'a Contact>) {
    let (mut software, mut most, mut registers): (u64, Option<&Contact>, Option<&Contact>) = (0, None, None);
    for contact in contacts {
        match contact.knowledge.category.as_deref() {
            Some(SOFTWARE) => {
                software += contact.payload_in;
                most = most.filter(|most| most.payload_in >= contact.payload_in).or(Some(contact));
            }
            Some(category) if SET_UP.contains(&category) => {
                registers = registers.filter(|first| first.first <= contact.first).or(Some(contact));
            }
            _ => {}
        }
    }
    let name = |contact: &Contact| contact.name.clone().unwrap_or_else(|| "a host".to_owned());
    if let Some(most) = most.filter(|_| software >= INSTALL_BYTES) {
        phase.kind = PhaseKind::Install;
        phase.kind_why = format!("it fetched {} MB of software, most of it from {}", software / 1_000_000, name(most));
        phase.evidence.extend(most.evidence.first().cloned());
    } else if let Some(registers) = registers {
        phase.kind = PhaseKind::SetUp;
        phase.kind_why = format!("it registered with its maker or was set up ({})", name(registers));
        phase.evidence.extend(registers.evidence.first().cloned());
    }
}
