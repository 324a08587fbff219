//! Protection of Initial packets (RFC 9001 s. 5): the keys follow from what is in sight, so that whoever sees the
//! client's first packet can read it.

use aes::Aes128;
use aes::cipher::{BlockCipherEncrypt, KeyInit};
use aes_gcm::Aes128Gcm;
use aes_gcm::aead::AeadInOut;
use hkdf::Hkdf;
use sha2::Sha256;

use super::header::{LongPacket, Scheme};

/// Keys of both sides.
#[derive(Debug, Clone, Copy)]
pub struct Keys {
    /// What the client sends with.
    pub client: Key,
    /// What the server sends with.
    pub server: Key,
}

/// What one side sends with.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    key: [u8; 16],
    vector: [u8; 12],
    header: [u8; 16],
}

const TAG_LEN: usize = 16;

impl Keys {
    /// The keys that follow from the first destination connection identifier of the client.
    pub fn new(scheme: &Scheme, destination: &[u8]) -> Self {
        let initial = Hkdf::<Sha256>::new(Some(scheme.salt), destination);
        let side = |label| {
            let mut secret = [0; 32];
            expand(&initial, label, &mut secret);
            let secret = Hkdf::<Sha256>::from_prk(&secret).expect("a secret of the digest's length");
            let mut key = Key { key: [0; 16], vector: [0; 12], header: [0; 16] };
            let [of_key, of_vector, of_header] = scheme.labels;
            expand(&secret, of_key, &mut key.key);
            expand(&secret, of_vector, &mut key.vector);
            expand(&secret, of_header, &mut key.header);
            key
        };
        Self { client: side("client in"), server: side("server in") }
    }
}

/// HKDF-Expand-Label without context (RFC 8446 s. 7.1).
fn expand(secret: &Hkdf<Sha256>, label: &str, output: &mut [u8]) {
    let [high, low] = u16::try_from(output.len()).unwrap_or(0).to_be_bytes();
    let label_len = u8::try_from(6 + label.len()).unwrap_or(0);
    let info: [&[u8]; 4] = [&[high, low, label_len], b"tls13 ", label.as_bytes(), &[0]];
    secret.expand_multi_info(&info, output).expect("less than 255 digests");
}

impl Key {
    /// Lays the content of the packet into `content`. False when it was not sent with this key; what was cut by the
    /// capture cannot be told from that, and is given as it comes.
    pub fn open(&self, packet: &LongPacket<'_>, content: &mut Vec<u8>) -> bool {
        content.clear();
        let Some((header, sealed, nonce)) = self.unprotect(packet) else { return false };
        if packet.is_cut {
            content.extend_from_slice(sealed);
            self.apply_stream(&nonce, content);
            return true;
        }
        let Some((sealed, tag)) = sealed.split_last_chunk::<TAG_LEN>() else { return false };
        content.extend_from_slice(sealed);
        let cipher = Aes128Gcm::new(&self.key.into());
        let opened = cipher.decrypt_inout_detached(&nonce.into(), &header, content.as_mut_slice().into(), tag.into());
        opened.is_ok()
    }

    /// Header in the clear, what it seals, and the nonce (RFC 9001 s. 5.3 and 5.4).
    fn unprotect<'a>(&self, packet: &LongPacket<'a>) -> Option<(Vec<u8>, &'a [u8], [u8; 12])> {
        let (header, rest) = packet.bytes.split_at_checked(packet.number_at)?;
        let sample = rest.get(4..)?.first_chunk::<16>()?;
        let [first_mask, number_mask @ ..] = self.block(&self.header, *sample);
        let mut header = header.to_vec();
        let first = header.first_mut()?;
        *first ^= first_mask & 0x0f;
        let number_len = usize::from(*first & 3) + 1;
        let (number, sealed) = rest.split_at_checked(number_len)?;
        let mut nonce = self.vector;
        for ((byte, mask), at) in number.iter().zip(number_mask).zip(12 - number_len..) {
            header.push(byte ^ mask);
            if let Some(slot) = nonce.get_mut(at) {
                *slot ^= byte ^ mask;
            }
        }
        Some((header, sealed, nonce))
    }

    fn block(&self, key: &[u8; 16], block: [u8; 16]) -> [u8; 16] {
        let mut block = block.into();
        Aes128::new(key.into()).encrypt_block(&mut block);
        block.into()
    }

    /// Counter mode as AES-GCM uses it, for what has lost its tag (NIST SP 800-38D s. 7.2).
    fn apply_stream(&self, nonce: &[u8; 12], content: &mut [u8]) {
        for (chunk, counter) in content.chunks_mut(16).zip(2_u32..) {
            let mut block = [0; 16];
            for (slot, byte) in block.iter_mut().zip(nonce.iter().copied().chain(counter.to_be_bytes())) {
                *slot = byte;
            }
            for (byte, pad) in chunk.iter_mut().zip(self.block(&self.key, block)) {
                *byte ^= pad;
            }
        }
    }
}

#[cfg(test)]
pub(super) mod seal {
    //! The other way, for tests and samples.

    use super::*;

    impl Key {
        /// Seals `content` behind `header`, which ends with a packet number of two bytes.
        pub fn seal(&self, header: &[u8], content: &[u8]) -> Vec<u8> {
            let mut nonce = self.vector;
            let (rest, number) = header.split_at(header.len() - 2);
            nonce[10] ^= number[0];
            nonce[11] ^= number[1];
            let mut sealed = content.to_vec();
            let cipher = Aes128Gcm::new(&self.key.into());
            let tag = cipher.encrypt_inout_detached(&nonce.into(), header, sealed.as_mut_slice().into()).unwrap();
            sealed.extend_from_slice(&tag);
            // The sample begins four bytes after the beginning of the number, which has two.
            let mask = self.block(&self.header, *sealed[2..].first_chunk().unwrap());
            let mut packet = rest.to_vec();
            packet[0] ^= mask[0] & 0x0f;
            packet.extend([number[0] ^ mask[1], number[1] ^ mask[2]]);
            packet.extend(sealed);
            packet
        }
    }
}
