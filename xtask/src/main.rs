//! `cargo xtask`: see [`xtask`].

use std::process::ExitCode;

/// The one of `oarlock`, since `bench` measures its libraries here.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    xtask::main()
}
