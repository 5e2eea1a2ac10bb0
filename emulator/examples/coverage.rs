//! Prints the table of what the emulator has of CometChat's published API.
#![allow(clippy::print_stdout, reason = "the table is the output")]

fn main() {
    print!("{}", cometchat_emulator::core::coverage::markdown());
}
