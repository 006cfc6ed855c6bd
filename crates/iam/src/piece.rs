//! What patterns are made of, where they are compared with each other.

/// A piece of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// This character.
    Char(char),
    /// This character in any case.
    Letter(char),
    /// Any character, perhaps but one.
    One(Option<char>),
    /// Any text, perhaps without one character.
    Any(Option<char>),
}

impl Piece {
    /// Whether it may be several characters, or none.
    pub(crate) fn repeats(self) -> bool {
        matches!(self, Self::Any(_))
    }

    /// Whether a character is of it.
    pub(crate) fn takes(self, character: char) -> bool {
        match self {
            Self::Char(own) => own == character,
            Self::Letter(own) => own == character || own.to_lowercase().eq(character.to_lowercase()),
            Self::One(but) | Self::Any(but) => but != Some(character),
        }
    }

    /// Whether a character is of both.
    pub(crate) fn meets(self, other: Self) -> bool {
        match (self, other) {
            (Self::Char(own) | Self::Letter(own), other) | (other, Self::Char(own) | Self::Letter(own)) => {
                other.takes(own)
            }
            _ => true,
        }
    }
}
