//! The one place where YAML text becomes typed values.

use std::sync::Arc;

use facts::{Place, Problem};
use serde::de::DeserializeOwned;
use serde_saphyr::{Deserializer, Error, Options, options::AliasLimits};

use crate::{located::after_lines, problem::Source};

/// How deep mappings and lists may nest. The deepest that we know, the schemas in CRDs, stay below 60.
pub(crate) const DEPTH: usize = 80;

/// Parses a whole single-document file (YAML or JSON) into a type.
///
/// # Errors
/// Names line and column; for an unknown field it names the nearest that exists.
pub fn parse<T: DeserializeOwned>(file: &Arc<str>, bytes: &[u8]) -> Result<T, Problem> {
    let text = utf8(file, bytes, 1)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let source = Source { file, text, line: 1 };
    deserialize(text, 1, |de| T::deserialize(de)).map_err(|error| source.problem(&error))
}

/// Runs one deserialization over a text that holds a single document and begins on a line of its file; 0 where it stands in none.
pub(crate) fn deserialize<'de, R, F>(text: &'de str, line: u32, run: F) -> Result<R, Error>
where
    for<'e> F: FnOnce(Deserializer<'de, 'e>) -> Result<R, Error>,
{
    after_lines(Some(line.saturating_sub(1)), || {
        serde_saphyr::with_deserializer_from_str_with_options(text, options(), run)
    })
}

/// Limits only where a small text could cost much: nesting (our stack) and aliases (a "billion laughs").
/// The size of a manifest is nobody's business: the CRDs of one chart have more nodes than the library's default allows.
fn options() -> Options {
    let budget = serde_saphyr::budget! {
        max_events: usize::MAX,
        max_nodes: usize::MAX,
        max_total_scalar_bytes: usize::MAX,
        max_anchors: usize::MAX,
        max_aliases: usize::MAX,
        max_merge_keys: usize::MAX,
        max_depth: DEPTH,
        flow_nesting_limit: DEPTH,
        enforce_alias_anchor_ratio: false,
    };
    let alias_limits: AliasLimits = serde_saphyr::alias_limits! { max_total_replayed_events: 1_000_000 };
    serde_saphyr::options! {
        budget: budget,
        alias_limits: alias_limits,
        // An account id may begin with a zero: 012345678901 is no number.
        leading_zero_numbers_as_strings: true,
        non_finite_float_policy: serde_saphyr::options::NonFiniteFloatPolicy::AsString,
        with_snippet: false,
    }
}

/// The same limits for the parser alone.
pub fn parser_options() -> granit_parser::Options {
    // Comments are events only where some dependency asks the parser for them: nobody here expects any.
    granit_parser::options! { flow_nesting_limit: DEPTH, block_nesting_limit: DEPTH, emit_comments: false }
}

/// The text of a document that begins on a line of its file.
pub(crate) fn utf8<'a>(file: &Arc<str>, bytes: &'a [u8], line: u32) -> Result<&'a str, Problem> {
    std::str::from_utf8(bytes).map_err(|error| {
        let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let line = line + crate::document::line_breaks(valid);
        Problem::new(Place::new(Arc::clone(file), line, 0), "the text is not UTF-8")
            .with_help("save the file as UTF-8")
    })
}
