//! Problems of the input, shown with the line that they are about.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use facts::Problem;
use inventory::read_text;

use crate::output::{colour_on_stderr, say, say_rendered};

/// Prints problems to stderr, each with its source line where the file can be read again.
pub(crate) fn report(problems: &[Problem]) {
    let renderer = if colour_on_stderr() { Renderer::styled() } else { Renderer::plain() };
    for problem in problems {
        say_rendered(&render(problem, &renderer));
        say("");
    }
}

fn render(problem: &Problem, renderer: &Renderer) -> String {
    let title = Level::ERROR.primary_title(&problem.message);
    let place = &problem.place;
    let source = read_text(&place.file).filter(|text| !is_of_secret(text, place.line)).unwrap_or_default();
    let span = span(&source, place.line, place.column);
    let origin = match span {
        Some(_) => place.file.to_string(),
        None => place.to_string(),
    };
    let mut group = match span {
        Some(span) => Group::with_title(title)
            .element(Snippet::source(&source).path(&origin).annotation(AnnotationKind::Primary.span(span))),
        None => Group::with_title(title).element(annotate_snippets::Origin::path(&origin)),
    };
    if let Some(help) = &problem.help {
        group = group.element(Level::HELP.message(help));
    }
    renderer.render(&[group])
}

/// Whether a line stands in a document that holds a Secret: such lines are never shown, the log may have many readers.
pub(crate) fn is_of_secret(source: &str, line: u32) -> bool {
    let line = usize::try_from(line).unwrap_or(usize::MAX);
    let mut in_document = Vec::new();
    for (number, text) in (1_usize..).zip(source.lines()) {
        if text.starts_with("---") && number > line {
            break;
        }
        // A border is of both documents: the one before may be unfinished.
        if text.starts_with("---") && number < line {
            in_document.clear();
        }
        in_document.push(text);
    }
    in_document.iter().any(|text| names_secret(text))
}

/// `kind: Secret`, in YAML or JSON, with or without quotes.
fn names_secret(line: &str) -> bool {
    line.match_indices("Secret").any(|(at, name)| {
        let (before, after) =
            (line.get(..at).unwrap_or_default(), line.get(at + name.len()..).unwrap_or_default());
        let before = before.trim_end_matches(['"', '\'', ' ', '\t']);
        let key = before.strip_suffix(':').map(|key| key.trim_end_matches(['"', '\'', ' ', '\t']));
        key.is_some_and(|key| key.ends_with("kind")) && !after.starts_with(|c: char| c.is_alphanumeric())
    })
}

/// The bytes of the word at a place, if the text still has that place.
pub(crate) fn span(source: &str, line: u32, column: u32) -> Option<std::ops::Range<usize>> {
    let index = usize::try_from(line).ok()?.checked_sub(1)?;
    let text = source.split_inclusive('\n').nth(index)?;
    let before: usize = source.split_inclusive('\n').take(index).map(str::len).sum();
    let trimmed = text.trim_end();
    let skip = usize::try_from(column).ok()?.saturating_sub(1);
    let start = trimmed.char_indices().nth(skip).map_or(trimmed.len(), |(at, _)| at);
    let rest = trimmed.get(start..)?;
    let length = rest.find([' ', ',', '#']).filter(|end| *end > 0).unwrap_or(rest.len());
    Some(before + start..before + start + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_documents_with_a_secret_are_not_shown_and_others_are() {
        let yaml = "kind: Service\nspec: {\n---\nkind: Secret\ndata: {\n---\nkind: ExternalSecret\n";
        let hidden: Vec<u32> = (1..=7).filter(|line| is_of_secret(yaml, *line)).collect();
        assert_eq!(hidden, [3, 4, 5, 6]);
        assert!(is_of_secret("{\"items\": [{\"kind\" : \"Secret\", \"data\": {}}]}", 1));
        assert!(!is_of_secret("{kind: SecretStore}", 1));
        assert!(!is_of_secret("", 3));
    }
}
