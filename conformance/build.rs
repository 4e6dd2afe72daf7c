//! Feature and requirement files are embedded in the binary: a new one makes it stale.

fn main() {
    println!("cargo::rerun-if-changed=../features");
    println!("cargo::rerun-if-changed=requirements");
}
