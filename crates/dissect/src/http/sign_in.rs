//! What a token of NTLM or Negotiate in a head says (MS-NTHT, RFC 4559): names and systems of both sides, and the service
//! that a ticket is for.

use base64::Engine;
use firstlight_model::Direction;

use super::{SIGN_IN_DOMAIN, SIGN_IN_HOST, SIGN_IN_SYSTEM, TICKET};
use crate::kerberos::message::service_of_ticket;
use crate::ocsp::BASE64;
use crate::words::{say_host, say_text};
use crate::{Sink, ntlmssp};

/// Says what there is in the token.
pub(crate) fn observe(direction: Direction, token: &[u8], sink: &mut dyn Sink) {
    let Ok(token) = BASE64.decode(token) else { return };
    say_text(&TICKET, direction, &service_of_ticket(&token).unwrap_or_default(), sink);
    let Some(facts) = ntlmssp::find(&token) else { return };
    say_host(&SIGN_IN_HOST, direction, facts.host.unwrap_or_default().as_bytes(), sink);
    say_text(&SIGN_IN_DOMAIN, direction, &facts.domain.unwrap_or_default(), sink);
    say_text(&SIGN_IN_SYSTEM, direction, &facts.system.unwrap_or_default(), sink);
}
