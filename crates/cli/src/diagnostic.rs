//! Problems of the input, shown with the line that they are about.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use facts::Problem;
use inventory::read_text;

use crate::output::{colour_on_stderr, say};

/// Prints problems to stderr, each with its source line where the file can be read again.
pub(crate) fn report(problems: &[Problem]) {
    let renderer = if colour_on_stderr() { Renderer::styled() } else { Renderer::plain() };
    for problem in problems {
        say(&render(problem, &renderer));
        say("");
    }
}

fn render(problem: &Problem, renderer: &Renderer) -> String {
    let title = Level::ERROR.primary_title(&problem.message);
    let place = &problem.place;
    let source = read_text(&place.file).unwrap_or_default();
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

/// The bytes of the word at a place, if the text still has that place.
fn span(source: &str, line: u32, column: u32) -> Option<std::ops::Range<usize>> {
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
