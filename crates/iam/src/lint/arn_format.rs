//! Whether two patterns of ARNs have an ARN in common: one of a policy, one that AWS publishes.

use crate::{Version, arn_pattern::fields, piece::Piece};

/// The six fields of a pattern of ARNs.
pub(super) struct ArnForm([Vec<Piece>; 6]);

impl ArnForm {
    /// A resource as a policy writes it. None if it is `*`, or no ARN. Whatever a variable stands for may be there.
    pub(super) fn of_policy(text: &str, version: Version) -> Option<Self> {
        let is_arn = text.get(..4).is_some_and(|start| start == "arn:");
        is_arn.then(|| {
            Self(read(text, |content| match content {
                "*" | "?" | "$" if version.has_variables() => content.chars().map(Piece::Letter).collect(),
                _ => vec![Piece::Any(None)],
            }))
        })
    }

    /// A form that the catalogue has, such as `arn:${Partition}:s3:::${BucketName}`.
    pub(super) fn of_catalogue(text: &str) -> Self {
        // Of names it is known of these alone that they have no slash (S3 User Guide, "General purpose bucket naming rules").
        Self(read(text, |content| vec![Piece::Any((content == "BucketName").then_some('/'))]))
    }

    /// Whether its last field is a pattern.
    pub(super) fn is_open(&self) -> bool {
        let Self([.., last]) = self;
        last.iter().any(|piece| !matches!(piece, Piece::Letter(_)))
    }

    /// Whether both can be of the same service.
    pub(super) fn has_service(&self, other: &Self) -> bool {
        let (Self([_, _, own, ..]), Self([_, _, other, ..])) = (self, other);
        overlap(own, other)
    }

    /// Whether there is an ARN of both forms.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).all(|(own, other)| overlap(own, other))
    }
}

fn read(text: &str, variable: impl Fn(&str) -> Vec<Piece>) -> [Vec<Piece>; 6] {
    fields(text).map(|field| field.map_or_else(|| vec![Piece::Any(None)], |field| pieces(field, &variable)))
}

fn pieces(mut rest: &str, variable: &impl Fn(&str) -> Vec<Piece>) -> Vec<Piece> {
    let mut pieces = Vec::new();
    while let Some(first) = rest.chars().next() {
        if let Some((content, after)) = rest.strip_prefix("${").and_then(|rest| rest.split_once('}')) {
            pieces.extend(variable(content));
            rest = after;
            continue;
        }
        pieces.push(match first {
            '*' => Piece::Any(None),
            '?' => Piece::One(None),
            // In either case: whether a service heeds it is written nowhere.
            other => Piece::Letter(other),
        });
        rest = rest.get(first.len_utf8()..).unwrap_or_default();
    }
    pieces
}

/// Whether a text is of both forms. Goes through one, with all places of the other where a text that got so far can be.
fn overlap(own: &[Piece], other: &[Piece]) -> bool {
    let mut places = vec![false; other.len() + 1];
    reach(&mut places, 0);
    other.iter().enumerate().for_each(|(at, theirs)| skip(*theirs, at, &mut places));
    for piece in own {
        places = after(*piece, other, &places);
    }
    places.last() == Some(&true)
}

/// Where the other can be after a piece of one.
fn after(piece: Piece, other: &[Piece], places: &[bool]) -> Vec<bool> {
    let repeats = piece.repeats();
    let mut next = if repeats { places.to_vec() } else { vec![false; places.len()] };
    for (at, theirs) in other.iter().enumerate() {
        let is_here = if repeats { next.get(at) } else { places.get(at) };
        if is_here == Some(&true) && piece.meets(*theirs) {
            reach(&mut next, if theirs.repeats() { at } else { at + 1 });
        }
        skip(*theirs, at, &mut next);
    }
    next
}

/// What repeats may be nothing.
fn skip(piece: Piece, at: usize, places: &mut [bool]) {
    if piece.repeats() && places.get(at) == Some(&true) {
        reach(places, at + 1);
    }
}

fn reach(places: &mut [bool], at: usize) {
    if let Some(place) = places.get_mut(at) {
        *place = true;
    }
}

#[cfg(test)]
mod tests {
    use super::ArnForm;
    use crate::Version;

    fn overlaps(policy: &str, format: &str) -> bool {
        let policy = ArnForm::of_policy(policy, Version::V2012).unwrap();
        policy.overlaps(&ArnForm::of_catalogue(format))
    }

    #[test]
    fn two_patterns_overlap_where_an_arn_is_of_both() {
        let cluster = "arn:${Partition}:eks:${Region}:${Account}:cluster/${ClusterName}";
        for policy in [
            "arn:aws:eks:*:*:cluster/*",
            "arn:aws:eks:eu-west-1:111122223333:cluster/a",
            "arn:*:eks:*:${aws:PrincipalAccount}:*",
            "arn:aws:eks:*:*:c?uster*r/${aws:username}",
            "arn:aws:eks:*",
        ] {
            assert!(overlaps(policy, cluster), "{policy}");
        }
        for policy in [
            "arn:aws:eks:*:*:nodegroup/*",
            "arn:aws:ec2:*:*:cluster/*",
            "arn:aws:eks:*:*:cluster",
            "arn:aws:eks:*:*:?cluster/*",
            "arn:aws:eks:*:*:cluster${*}",
        ] {
            assert!(!overlaps(policy, cluster), "{policy}");
        }
    }

    #[test]
    fn a_bucket_has_no_slash_in_its_name_and_an_object_has_one_behind_it() {
        let (bucket, object) =
            ("arn:${Partition}:s3:::${BucketName}", "arn:${Partition}:s3:::${BucketName}/${ObjectName}");
        assert!(overlaps("arn:aws:s3:::b", bucket) && !overlaps("arn:aws:s3:::b", object));
        assert!(!overlaps("arn:aws:s3:::b/*", bucket) && overlaps("arn:aws:s3:::b/*", object));
        assert!(overlaps("arn:aws:s3:::b*", bucket) && overlaps("arn:aws:s3:::b*", object));
        assert!(!overlaps("arn:aws:s3:eu-west-1::b", bucket));
    }
}
