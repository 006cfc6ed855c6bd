//! From a file to its documents and commands: by its ending, as far as it can be read.

use std::sync::Arc;

use super::{Command, Node, markdown, shell, unfold};

/// A YAML or JSON document in a file.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    pub(crate) file: Arc<str>,
    pub(crate) root: Node,
}

/// What a file holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Text {
    pub(crate) documents: Vec<Document>,
    pub(crate) commands: Vec<Command>,
    /// Whether something in it stands for what is written elsewhere in it.
    pub(crate) has_alias: bool,
    /// Line on which a document begins that is neither YAML nor JSON.
    pub(crate) malformed: Vec<u32>,
}

/// Reads a file. What isn't text has nothing in it for us.
pub(crate) fn read(file: &Arc<str>, bytes: &[u8]) -> Text {
    let mut text = Text::default();
    let Ok(content) = std::str::from_utf8(bytes) else {
        text.malformed.push(1);
        return text;
    };
    let content = content.strip_prefix('\u{feff}').unwrap_or(content);
    match file.rsplit_once('.').map(|(_, ending)| ending) {
        Some("md" | "markdown") => markdown::read(file, content, &mut text),
        Some("sh" | "bash" | "txt" | "tf" | "tfvars") => shell::read(file, content, 1, &mut text),
        _ => {
            stream(file, content, 1, &mut text);
            // Standard input may be anything.
            if text.documents.is_empty() && &**file == "-" {
                text.malformed.clear();
                markdown::read(file, content, &mut text);
            }
        }
    }
    text
}

/// All documents of a YAML stream, or the one of a JSON file. A malformed one doesn't take the others with it.
pub(super) fn stream(file: &Arc<str>, content: &str, first_line: u32, text: &mut Text) {
    for (line, part) in parts(content, first_line) {
        match Node::read(part, line, &mut text.has_alias) {
            Some(root) if matches!(root.content, super::Content::Null) => {}
            Some(mut root) => {
                unfold::unfold(&mut root);
                text.documents.push(Document { file: Arc::clone(file), root });
            }
            None => text.malformed.push(line),
        }
    }
}

/// Splits at lines that begin with `---`: no scalar may contain such a line (YAML 1.2.2, production `c-forbidden`).
fn parts(content: &str, first_line: u32) -> Vec<(u32, &str)> {
    let (mut parts, mut start, mut start_line) = (Vec::new(), 0, first_line);
    let (mut offset, mut line) = (0, first_line);
    for each in content.split_inclusive('\n') {
        if each.starts_with("---") && offset > start {
            parts.push((start_line, content.get(start..offset).unwrap_or_default()));
            (start, start_line) = (offset, line);
        }
        offset += each.len();
        line += 1;
    }
    parts.push((start_line, content.get(start..).unwrap_or_default()));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(name: &str, content: &str) -> (Vec<u32>, Vec<u32>, Vec<u32>) {
        let text = read(&name.into(), content.as_bytes());
        let documents = text.documents.iter().map(|document| document.root.at.line);
        let commands = text.commands.iter().map(|command| command.at.line);
        (documents.collect(), commands.collect(), text.malformed)
    }

    #[test]
    fn a_malformed_document_leaves_the_others() {
        assert_eq!(lines("a.yaml", "a: 1\n---\nb: {{ x }}\n---\nc: 1\n"), (vec![1, 5], vec![], vec![2]));
    }

    #[test]
    fn articles_have_documents_and_commands() {
        let article = "# Set up\n\n```json\n{\"a\": 1}\n```\n\n```bash\n$ aws iam x \\\n  --y\n```\n";
        assert_eq!(lines("a.md", article), (vec![4], vec![8], vec![]));
    }

    #[test]
    fn scripts_have_documents_and_commands() {
        let script = "cat > trust.json <<'EOF'\n{\"a\": 1}\nEOF\naws iam create-role\n";
        assert_eq!(lines("a.sh", script), (vec![2], vec![1, 4], vec![]));
    }
}
