//! What a capture says about itself: comments, names, secrets, interfaces; each list with its limit.

use std::collections::BTreeSet;
use std::fmt::Display;

use firstlight_model::capture::{CaptureInfo, Comment, SecretsBlock};
use firstlight_model::{FrameRef, LinkType, Timestamp};

/// Most link types that are listed; the registry has fewer than 300.
const MAX_LINK_TYPES: usize = 512;
/// Longest name that is kept, in characters (RFC 1035 allows 255).
const MAX_NAME_LEN: usize = 255;

/// How much is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoteLimits {
    pub(crate) comments: usize,
    pub(crate) comment_bytes: usize,
    pub(crate) names: usize,
    pub(crate) secret_bytes: usize,
}

/// Collects them within the limits.
#[derive(Debug)]
pub(crate) struct Notes {
    limits: NoteLimits,
    /// The frame that a packet comment stands on.
    next_frame: FrameRef,
    comment_bytes: usize,
    secret_bytes: usize,
    names: BTreeSet<(String, String)>,
    decimals: Option<u8>,
}

impl Notes {
    pub(crate) fn new(limits: NoteLimits, capture: u32) -> Self {
        let next_frame = FrameRef { capture, number: 1 };
        Self { limits, next_frame, comment_bytes: 0, secret_bytes: 0, names: BTreeSet::new(), decimals: None }
    }

    /// Comments on packets from now on stand on the frame of this number.
    #[inline]
    pub(crate) fn set_next_frame(&mut self, number: u64) {
        self.next_frame.number = number;
    }

    /// A comment on the frame that is being read.
    pub(crate) fn frame_comment(&mut self, info: &mut CaptureInfo, time: Timestamp, text: &[u8]) {
        self.add_comment(info, Some(self.next_frame), Some(time), text);
    }

    /// A comment on anything else.
    pub(crate) fn comment(&mut self, info: &mut CaptureInfo, last: Option<Timestamp>, text: &[u8]) {
        self.add_comment(info, None, last, text);
    }

    fn add_comment(&mut self, info: &mut CaptureInfo, frame: Option<FrameRef>, time: Option<Timestamp>, text: &[u8]) {
        if info.comments.len() >= self.limits.comments || self.comment_bytes + text.len() > self.limits.comment_bytes {
            info.comments_left_out += 1;
            return;
        }
        self.comment_bytes += text.len();
        let text = String::from_utf8_lossy(text).trim_end_matches('\0').to_owned();
        info.comments.push(Comment { frame, time, text });
    }

    /// Names of an address, each ended by a zero byte.
    pub(crate) fn names(&mut self, address: &dyn Display, names: &[u8]) {
        for name in names.split(|&byte| byte == 0).filter(|name| !name.is_empty()) {
            if self.names.len() >= self.limits.names {
                return;
            }
            let name = String::from_utf8_lossy(name).chars().take(MAX_NAME_LEN).collect();
            self.names.insert((address.to_string(), name));
        }
    }

    /// Secrets, as long as there is room.
    pub(crate) fn secrets(&mut self, info: &mut CaptureInfo, kind: u32, data: &[u8]) {
        // A few bytes for each, so that empty ones do not go on for ever.
        let cost = data.len() + 64;
        if self.secret_bytes + cost <= self.limits.secret_bytes {
            self.secret_bytes += cost;
            info.secrets.push(SecretsBlock { kind, data: data.to_vec() });
        }
    }

    /// An interface, or the one there is in a file without interfaces.
    pub(crate) fn interface(&mut self, info: &mut CaptureInfo, link_type: LinkType, snap_len: u32, decimals: u8) {
        if !info.link_types.contains(&link_type) && info.link_types.len() < MAX_LINK_TYPES {
            info.link_types.push(link_type);
        }
        if snap_len != 0 {
            info.snap_len = info.snap_len.max(Some(snap_len));
        }
        self.decimals = self.decimals.max(Some(decimals));
        info.time_decimals = self.decimals.unwrap_or(decimals);
    }

    /// Hands over what was sorted on the way.
    pub(crate) fn finish(&mut self, info: &mut CaptureInfo) {
        info.resolved_names = std::mem::take(&mut self.names).into_iter().collect();
    }
}
