//! Who owns a name and what it is for, with where that is known from. The tables of `data/` are checked and packed
//! by the build script into one blob, which is looked up in place: nothing is parsed at start. See `docs/knowledge.md`
//! for the tables, their grades, and the order in which rules win.
//!
//! Nothing here looks at traffic: analysis asks, one distinct name at a time.

pub mod agent;
pub mod book;
pub mod check;
pub mod explain;
pub mod hides;
pub mod host;
pub mod layout;
pub mod networks;
pub mod overlay;
pub mod own_book;
pub mod owner;
pub mod p0f;
pub mod pack;
pub mod place;
pub mod sign;
pub mod syn;
pub mod system;
pub mod tls;

pub use agent::{UserAgent, user_agent};
pub use explain::{
    Alternative, Answer, MAX_ALTERNATIVES, Query, SourceInfo, all_categories, explain, is_known_port,
    registrable_domain, source,
};
pub use hides::{Contacted, Hidden, hides};
pub use networks::{Database, Network};
pub use overlay::Knowledge;
pub use owner::{ancestors, family, is_vendor_of, maker, systems_of};
pub use place::{AutonomousSystem, autonomous_system, group, mac_vendor, port_service, service_type};
pub use sign::{Sign, sign_weight, signs};
pub use syn::{SynLayout, SynMatch, syn_systems};
pub use system::{SystemHint, dhcp_labels, dhcp_systems, name_systems};
pub use tls::{Known, tls_programs};
