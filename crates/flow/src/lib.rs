//! Packets to flows: table, reassembly, defragmentation, Community ID.
