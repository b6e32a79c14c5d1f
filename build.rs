//! Says that the files under assets are part of the build: `include_dir` can't say so itself on stable Rust.

fn main() {
    println!("cargo:rerun-if-changed=assets");
    println!("cargo:rerun-if-changed=build.rs");
}
