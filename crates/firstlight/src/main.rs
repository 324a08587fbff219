//! The command line of Firstlight.
fn main() {}
