//! The names of a group's objects.

use facts::Place;

/// Sorted names, each once, with the places of those that stand in files. Most groups have one to three: a tree would
/// take ten times the memory.
#[derive(Clone, Debug, Default)]
pub(crate) struct ObjectNames(Vec<(Box<str>, Option<Place>)>);

impl ObjectNames {
    /// Of an object that has none.
    pub(crate) const NONE: Self = Self(Vec::new());

    pub(crate) fn contains(&self, name: &str) -> bool {
        self.find(name).is_ok()
    }

    /// Adds a name. If it is there already, nothing changes, and its place can be.
    pub(crate) fn add(&mut self, name: &str, place: Option<&Place>) -> Result<(), &mut Option<Place>> {
        match self.find(name) {
            Err(at) => {
                self.0.insert(at, (name.into(), place.cloned()));
                Ok(())
            }
            Ok(at) => self.0.get_mut(at).map_or(Ok(()), |(_, place)| Err(place)),
        }
    }

    /// The first of them.
    pub(crate) fn first(&self) -> Option<&str> {
        self.0.first().map(|(name, _)| &**name)
    }

    /// In their order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, Option<&Place>)> {
        self.0.iter().map(|(name, place)| (&**name, place.as_ref()))
    }

    fn find(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| (**known).cmp(name))
    }
}
