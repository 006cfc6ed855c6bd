//! Fenced blocks of an article (CommonMark 0.31, "Fenced code blocks"): documents by their content, commands by the word behind the fence.

use std::sync::Arc;

use super::{
    document::{Text, stream},
    shell,
};

pub(super) fn read(file: &Arc<str>, content: &str, text: &mut Text) {
    for block in blocks(content) {
        match block.language.as_str() {
            "json" | "yaml" | "yml" => stream(file, &block.body, block.line, text),
            "bash" | "sh" | "shell" | "console" | "zsh" | "hcl" | "terraform" => {
                shell::read(file, &block.body, block.line, text);
            }
            _ => {
                let before = (text.documents.len(), text.malformed.len());
                if block.body.trim_start().starts_with(['{', '[']) || block.body.contains("apiVersion:") {
                    stream(file, &block.body, block.line, text);
                }
                // Nobody said that it was one.
                text.malformed.truncate(before.1);
                if text.documents.len() == before.0 {
                    shell::read(file, &block.body, block.line, text);
                }
            }
        }
    }
}

struct Block {
    language: String,
    /// Of its first line.
    line: u32,
    body: String,
}

fn blocks(content: &str) -> Vec<Block> {
    let (mut blocks, mut open) = (Vec::new(), None::<(String, usize, Block)>);
    for (number, line) in (1_u32..).zip(content.lines()) {
        let trimmed = line.trim_start();
        match &mut open {
            Some((fence, indent, block)) => {
                if trimmed.starts_with(fence.as_str()) && trimmed.trim_end().len() == fence.len() {
                    blocks.extend(open.take().map(|(_, _, block)| block));
                } else {
                    let blank = line.len() - trimmed.len();
                    block.body.push_str(line.get(blank.min(*indent)..).unwrap_or_default());
                    block.body.push('\n');
                }
            }
            None => {
                let Some(fence) = ["```", "~~~"].into_iter().find(|fence| trimmed.starts_with(fence)) else {
                    continue;
                };
                let word = trimmed.trim_start_matches(['`', '~']).split_whitespace().next();
                let language = word.unwrap_or_default().to_lowercase();
                let block = Block { language, line: number + 1, body: String::new() };
                open = Some((fence.to_owned(), line.len() - trimmed.len(), block));
            }
        }
    }
    blocks
}
