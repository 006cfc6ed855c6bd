//! What follows a backslash (Go's regexp/syntax/parse.go, `parseEscape`).

use super::{
    GoRegexError::{self, Invalid, Unsure},
    Text,
};

/// An escape outside of a class.
pub(super) fn read(text: &mut Text<'_>) -> Result<String, GoRegexError> {
    let next = text.peek().copied().ok_or(Invalid)?;
    if let Some(class) = perl_class(next) {
        text.next();
        return Ok(class.to_owned());
    }
    let anchor = match next {
        'A' => r"\A",
        'z' => r"\z",
        'b' => r"(?-u:\b)",
        // Between the bytes of a character, where the crate doesn't look.
        'B' | 'p' | 'P' => return Err(Unsure),
        _ => return character(text).map(literal),
    };
    text.next();
    Ok(anchor.to_owned())
}

/// The ASCII classes that have a letter, as classes of the crate.
pub(super) fn perl_class(letter: char) -> Option<&'static str> {
    Some(match letter {
        'd' => "[0-9]",
        'D' => "[^0-9]",
        's' => r"[\t\n\x0C\r ]",
        'S' => r"[^\t\n\x0C\r ]",
        'w' => "[0-9A-Za-z_]",
        'W' => "[^0-9A-Za-z_]",
        _ => return None,
    })
}

/// A character that matches only itself.
pub(super) fn literal(c: char) -> String {
    if c.is_ascii_alphanumeric() || !c.is_ascii() { c.to_string() } else { format!(r"\x{:02X}", c as u32) }
}

/// One escaped character.
pub(super) fn character(text: &mut Text<'_>) -> Result<char, GoRegexError> {
    Ok(match text.next().ok_or(Invalid)? {
        'a' => '\x07',
        'f' => '\x0C',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\x0B',
        'x' => return hex(text),
        digit @ '0'..='7' => return octal(digit, text),
        other if other.is_ascii() && !other.is_ascii_alphanumeric() => other,
        _ => return Err(Invalid),
    })
}

/// Up to three digits. One alone that isn't zero would refer to a group.
fn octal(first: char, text: &mut Text<'_>) -> Result<char, GoRegexError> {
    let mut digits = first.to_string();
    while digits.len() < 3
        && let Some(digit) = text.next_if(|c| ('0'..='7').contains(c))
    {
        digits.push(digit);
    }
    if first != '0' && digits.len() == 1 {
        return Err(Invalid);
    }
    u32::from_str_radix(&digits, 8).ok().and_then(char::from_u32).ok_or(Invalid)
}

fn hex(text: &mut Text<'_>) -> Result<char, GoRegexError> {
    let digits: String = if text.next_if_eq(&'{').is_some() {
        let digits = text.clone().take_while(|c| *c != '}').collect::<String>();
        let end = text.nth(digits.chars().count());
        if end == Some('}') { digits } else { return Err(Invalid) }
    } else {
        [text.next(), text.next()].into_iter().map(|c| c.ok_or(Invalid)).collect::<Result<_, _>>()?
    };
    if digits.is_empty() || !digits.chars().all(|c| c.is_ascii_hexdigit()) {
        return Err(Invalid);
    }
    let code = u32::from_str_radix(digits.trim_start_matches('0'), 16);
    let code = if digits.chars().all(|c| c == '0') { 0 } else { code.map_err(|_| Invalid)? };
    match char::from_u32(code) {
        Some(c) => Ok(c),
        // A surrogate, which Go takes and no text has.
        None if code <= 0x0010_FFFF => Err(Unsure),
        None => Err(Invalid),
    }
}
