//! The command `wireproof`.

fn main() {}
