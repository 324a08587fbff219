//! Bytes to frames: capture files, compressed or not, one or many.
