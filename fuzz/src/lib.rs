//! What every fuzz target asserts: problems and places that a person could use.

use facts::{Place, Problem};

/// A place is in the file: not after its last line, nor after the end of its line.
pub fn assert_place(place: &Place, file: &str, bytes: &[u8]) {
    assert_eq!(&*place.file, file, "a place in another file");
    // One more than there are line breaks, and one more for what ends behind the last of them.
    let lines = bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() + 2;
    assert!((place.line as usize) <= lines, "line {} of {lines}", place.line);
    assert!((place.column as usize) <= bytes.len() + 2, "column {} of {} bytes", place.column, bytes.len());
}

/// A problem says something, on its own line, about a place in the file.
pub fn assert_problem(problem: &Problem, file: &str, bytes: &[u8]) {
    assert_place(&problem.place, file, bytes);
    assert!(!problem.message.trim().is_empty(), "a problem without message at {}", problem.place);
}
