//! Names of actions and condition keys, in which case makes no difference.

use crate::catalogue::{Published, published};

/// A name in lower case. One that AWS publishes is only a pointer into the catalogue, so that comparing it looks at no text;
/// whether it is published changes nothing else.
#[derive(Clone, Debug)]
pub(crate) enum Name {
    Published(&'static Published),
    Other(Box<str>),
}

impl Name {
    /// Of a text in lower case.
    pub(crate) fn new(lower: String) -> Self {
        published(&lower).map_or_else(|| Self::Other(lower.into()), Self::Published)
    }

    /// Whether it is this published one.
    pub(crate) fn is(&self, published: &'static Published) -> bool {
        matches!(self, Self::Published(own) if std::ptr::eq(*own, published))
    }

    /// In lower case.
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Published(name) => name.as_str(),
            Self::Other(text) => text,
        }
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Published(own), Self::Published(other)) => std::ptr::eq(*own, *other),
            (Self::Other(own), Self::Other(other)) => own == other,
            // Whatever is published is always a pointer.
            _ => false,
        }
    }
}

impl Eq for Name {}
