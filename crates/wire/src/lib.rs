//! Frames to packets: link, network and transport layers, and tunnels.
