//! The nouns of Firstlight: what the stages hand to each other. No logic beyond construction and ordering, and no
//! serialisation: every output format writes its own shape and version.

pub mod address;
pub mod capture;
pub mod event;
pub mod explanation;
pub mod finding;
pub mod frame;
pub mod habits;
pub mod observation;
pub mod packet;
pub mod report;
pub mod stream;
pub mod time;

pub use address::{Endpoint, MacAddress, Transport};
pub use capture::{CaptureInfo, Comment, SecretsBlock, Stopped};
pub use event::{Conversation, Ended, Event};
pub use frame::{Frame, FrameRef, LinkType};
pub use observation::{
    AddressBinding, AnswerRecord, CertificateFacts, Direction, Exchange, Field, Lease, LookUp, MessageHeader,
    Observation, PublicName, RecordData, Role, TimeMessage, Value,
};
pub use packet::{
    Arp, EtherType, Fragment, Icmp, Igmp, Ip, Layer, Layers, Link, Network, Packet, Sctp, Segment, Stop, StopCause,
    Tcp, TcpFlags, Udp,
};
pub use stream::{Chunk, Need};
pub use time::Timestamp;
