//! Lists that nearly always have one item.

use smallvec::SmallVec;

/// A list whose first item is where the list is. A decision goes through memory that no cache holds, and each pointer that it
/// follows there costs as much as all that it computes: what a policy lists is one value most of the time, found on the way.
pub(crate) type Few<T> = SmallVec<[T; 1]>;
