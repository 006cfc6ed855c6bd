//! What follows `[` (Go's regexp/syntax/parse.go, `parseClass`).

use super::{
    GoRegexError::{self, Invalid, Unsure},
    Text, escape,
};

const NAMES: [&str; 14] = [
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space",
    "upper", "word", "xdigit",
];

/// A class in the crate's words.
pub(super) fn read(text: &mut Text<'_>) -> Result<String, GoRegexError> {
    let mut out = String::from(if text.next_if_eq(&'^').is_some() { "[^" } else { "[" });
    let mut first = true;
    loop {
        if !first && text.next_if_eq(&']').is_some() {
            out.push(']');
            return Ok(out);
        }
        first = false;
        out.push_str(&item(text)?);
    }
}

fn item(text: &mut Text<'_>) -> Result<String, GoRegexError> {
    if let Some(name) = named(text)? {
        return Ok(name);
    }
    if text.peek() == Some(&'\\') {
        match text.clone().nth(1) {
            Some('p' | 'P') => return Err(Unsure),
            Some(letter) if escape::perl_class(letter).is_some() => {
                text.nth(1);
                return Ok(escape::perl_class(letter).unwrap_or_default().to_owned());
            }
            _ => {}
        }
    }
    let low = character(text)?;
    let mut ahead = text.clone();
    let ranged = ahead.next() == Some('-') && ahead.next().is_some_and(|c| c != ']');
    if !ranged {
        return Ok(escape::literal(low));
    }
    text.next();
    let high = character(text)?;
    if high < low {
        return Err(Invalid);
    }
    Ok(format!("{}-{}", escape::literal(low), escape::literal(high)))
}

fn character(text: &mut Text<'_>) -> Result<char, GoRegexError> {
    match text.next().ok_or(Invalid)? {
        '\\' => escape::character(text),
        other => Ok(other),
    }
}

/// `[:alpha:]`, perhaps negated. Without its end, `[` is a character like any other.
fn named(text: &mut Text<'_>) -> Result<Option<String>, GoRegexError> {
    let rest: String = text.clone().collect();
    let Some((name, _)) = rest.strip_prefix("[:").and_then(|rest| rest.split_once(":]")) else {
        return Ok(None);
    };
    if !NAMES.contains(&name.strip_prefix('^').unwrap_or(name)) {
        return Err(Invalid);
    }
    text.nth(name.chars().count() + 3);
    Ok(Some(format!("[:{name}:]")))
}
