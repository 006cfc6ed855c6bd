//! Text in HTML and SVG.

/// Text that is no markup, in an element or an attribute.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// At most so many letters. Its end tells more than its beginning: names of roles and objects stand there.
pub(crate) fn cut(line: &str, most: usize) -> String {
    let letters: Vec<char> = line.chars().collect();
    match letters.len().checked_sub(most) {
        None | Some(0) => line.to_owned(),
        Some(more) => format!("…{}", letters.iter().skip(more + 1).collect::<String>()),
    }
}
