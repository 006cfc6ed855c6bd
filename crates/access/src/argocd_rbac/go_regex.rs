//! Go's regular expressions, said again for the `regex` crate (Go's regexp/syntax/parse.go, with the flags `Perl`).
//!
//! Both descend from RE2. What is invalid to only one of them, or means something else, is decided here: Go's `\d`,
//! `\w`, `\s` and `\b` are ASCII, its `{` may be a literal, `\Q…\E` quotes, and `a**` is refused.

use std::{iter::Peekable, str::Chars};

use regex::Regex;

mod class;
mod escape;

/// Why there is no regular expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GoRegexError {
    /// Go refuses it.
    Invalid,
    /// What Go makes of it isn't modelled.
    Unsure,
}

use GoRegexError::{Invalid, Unsure};

type Text<'a> = Peekable<Chars<'a>>;

/// A regular expression that matches what Go's does.
pub(crate) fn compile(pattern: &str) -> Result<Regex, GoRegexError> {
    let mut translation = Translation::default();
    let mut text = pattern.chars().peekable();
    while let Some(c) = text.next() {
        translation.add(c, &mut text)?;
    }
    if translation.open_groups > 0 {
        return Err(Invalid);
    }
    // Whatever the crate refuses now is a matter of its limits.
    Regex::new(&translation.out).map_err(|_| Unsure)
}

#[derive(Default)]
struct Translation {
    out: String,
    open_groups: usize,
    last: Last,
    /// The product of all counted repetitions.
    times: u64,
}

/// What stands before the next character.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Last {
    /// Nothing that could be repeated.
    #[default]
    Start,
    Atom,
    /// A repetition, which can't be repeated.
    Repetition,
}

impl Translation {
    fn add(&mut self, c: char, text: &mut Text<'_>) -> Result<(), GoRegexError> {
        match c {
            '(' if text.next_if_eq(&'?').is_some() => return self.flags(text),
            '(' => self.open("("),
            ')' => return self.close(),
            '|' => self.put("|", Last::Start),
            '^' | '$' | '.' => self.put(c.encode_utf8(&mut [0; 4]), Last::Atom),
            '[' => {
                let class = class::read(text)?;
                self.put(&class, Last::Atom);
            }
            '*' | '+' | '?' => return self.repeat(c.encode_utf8(&mut [0; 4]), text),
            '{' => return self.braces(text),
            '\\' if text.next_if_eq(&'Q').is_some() => self.quoted(text),
            '\\' => {
                let escaped = escape::read(text)?;
                self.put(&escaped, Last::Atom);
            }
            literal => self.put(&escape::literal(literal), Last::Atom),
        }
        Ok(())
    }

    fn put(&mut self, text: &str, last: Last) {
        self.out.push_str(text);
        self.last = last;
    }

    fn open(&mut self, text: &str) {
        self.open_groups += 1;
        self.put(text, Last::Start);
    }

    fn close(&mut self) -> Result<(), GoRegexError> {
        self.open_groups = self.open_groups.checked_sub(1).ok_or(Invalid)?;
        self.put(")", Last::Atom);
        Ok(())
    }

    fn repeat(&mut self, operator: &str, text: &mut Text<'_>) -> Result<(), GoRegexError> {
        if self.last != Last::Atom {
            return Err(Invalid);
        }
        self.put(operator, Last::Repetition);
        if text.next_if_eq(&'?').is_some() {
            self.out.push('?');
        }
        Ok(())
    }

    /// What follows `{`: a number of repetitions, or it is a literal.
    fn braces(&mut self, text: &mut Text<'_>) -> Result<(), GoRegexError> {
        let inside: String = text.clone().take_while(|c| *c != '}').collect();
        let closed = text.clone().nth(inside.chars().count()) == Some('}');
        let Some((least, most)) = numbers(&inside).filter(|_| closed) else {
            self.put(r"\{", Last::Atom);
            return Ok(());
        };
        if least > 1000 || most.is_some_and(|most| most > 1000 || most < least) {
            return Err(Invalid);
        }
        text.nth(inside.chars().count());
        self.repeat(&format!("{{{inside}}}"), text)?;
        self.count(most.unwrap_or(least).max(1))
    }

    /// Repetitions of repetitions are at most a thousand together (`repeatIsValid`); which are nested isn't looked at.
    fn count(&mut self, times: u64) -> Result<(), GoRegexError> {
        let alone = self.times <= 1;
        self.times = self.times.max(1).saturating_mul(times);
        if alone || self.times <= 1000 { Ok(()) } else { Err(Unsure) }
    }

    fn quoted(&mut self, text: &mut Text<'_>) {
        self.last = if self.last == Last::Repetition { Last::Atom } else { self.last };
        while let Some(c) = text.next() {
            if c == '\\' && text.next_if_eq(&'E').is_some() {
                return;
            }
            self.put(&escape::literal(c), Last::Atom);
        }
    }

    /// What follows `(?`: a name, or flags for a group or for what is left of this one.
    fn flags(&mut self, text: &mut Text<'_>) -> Result<(), GoRegexError> {
        let mut ahead = text.clone();
        let named = match (ahead.next(), ahead.next()) {
            (Some('P'), Some('<')) => 2,
            (Some('<'), _) => 1,
            _ => 0,
        };
        if named > 0 {
            text.nth(named - 1);
            return self.named(text);
        }
        let flags: String = std::iter::from_fn(|| text.next_if(|c| "imsU-".contains(*c))).collect();
        let (on, off) = flags.split_once('-').unwrap_or((&flags, "i"));
        let known = !off.is_empty() && !off.contains('-');
        match text.next() {
            Some(':') if known => self.open(&format!("(?{flags}:")),
            Some(')') if known && on.is_empty() && flags.is_empty() => return Err(Unsure),
            Some(')') if known => self.put(&format!("(?{flags})"), self.last.after_flags()),
            _ => return Err(Invalid),
        }
        Ok(())
    }

    /// A name may be there twice in Go, and matters to nobody here.
    fn named(&mut self, text: &mut Text<'_>) -> Result<(), GoRegexError> {
        let name: String = text.by_ref().take_while(|c| *c != '>').collect();
        let word = !name.is_empty() && name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric());
        self.open("(");
        if word { Ok(()) } else { Err(Invalid) }
    }
}

impl Last {
    /// Flags are no atom: what stood before them is what a repetition would repeat.
    fn after_flags(self) -> Self {
        if self == Self::Repetition { Self::Atom } else { self }
    }
}

/// `n`, `n,` or `n,m`, as Go's `parseRepeat` takes them.
fn numbers(inside: &str) -> Option<(u64, Option<u64>)> {
    let (least, most) = inside.split_once(',').map_or((inside, None), |(least, most)| (least, Some(most)));
    let least = number(least)?;
    match most {
        None => Some((least, Some(least))),
        Some("") => Some((least, None)),
        Some(most) => Some((least, Some(number(most)?))),
    }
}

/// Digits without a zero before them; too many of them are a number that is too large.
fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    let padded = text.len() > 1 && text.starts_with('0');
    (digits && !padded).then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_as_go_does_or_is_unsure() {
        // Each line was answered by regexp.MatchString of Go 1.26: pattern, text, answer.
        let mut unsure = 0;
        for line in
            include_str!("../../tests/data/go-regex.tsv").lines().filter(|line| !line.starts_with("# "))
        {
            let [pattern, text, expected] = line.split('\t').collect::<Vec<_>>()[..] else {
                panic!("{line}")
            };
            let answer = match compile(pattern) {
                Ok(regex) => regex.is_match(text).to_string(),
                Err(Invalid) => "invalid".to_owned(),
                Err(Unsure) => {
                    unsure += 1;
                    continue;
                }
            };
            assert_eq!(answer, expected, "{line}");
        }
        assert!(unsure < 60, "{unsure} lines are unsure");
    }

    #[test]
    fn whatever_people_write_is_sure() {
        for pattern in [
            ".*",
            "team-.+/.*",
            "^(get|sync)$",
            r"action/apps/(Deployment|StatefulSet)/restart",
            r"shop\/web-\d+",
            r"https://[a-z0-9.-]+\.example\.com(:443)?",
            "(?i)shop/.*",
            r"\w+/\w+",
            "[^/]+/[^/]+",
            "prod-[0-9]{2,3}-[a-z]{4}",
            r"\bweb\b",
            "*/*",
            "*",
            "(?!x)",
            "a{1,2}",
        ] {
            assert!(!matches!(compile(pattern), Err(Unsure)), "{pattern}");
        }
    }
}
