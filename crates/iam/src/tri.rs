//! Yes, no, or not known: an unknown is never folded into either.

/// An answer. The order is the one in which "any of" takes the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tri {
    No,
    Unknown,
    Yes,
}

impl Tri {
    pub(crate) fn or(self, other: impl FnOnce() -> Self) -> Self {
        if self == Self::Yes { self } else { self.max(other()) }
    }

    pub(crate) fn and(self, other: impl FnOnce() -> Self) -> Self {
        if self == Self::No { self } else { self.min(other()) }
    }

    pub(crate) fn not(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Unknown => Self::Unknown,
            Self::Yes => Self::No,
        }
    }

    /// Whether any of them is so. After a yes no other is asked for.
    pub(crate) fn any(all: impl IntoIterator<Item = Self>) -> Self {
        let mut any = Self::No;
        for one in all {
            any = any.max(one);
            if any == Self::Yes {
                break;
            }
        }
        any
    }

    /// Whether all of them are so. After a no no other is asked for.
    pub(crate) fn all(all: impl IntoIterator<Item = Self>) -> Self {
        let mut every = Self::Yes;
        for one in all {
            every = every.min(one);
            if every == Self::No {
                break;
            }
        }
        every
    }
}

impl From<bool> for Tri {
    fn from(is: bool) -> Self {
        if is { Self::Yes } else { Self::No }
    }
}
