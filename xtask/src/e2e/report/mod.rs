//! The audit's HTML report in headless Chromium: one file that asks for nothing, reads on a wide and on a narrow screen, and prints; and
//! mistakes in it, which must be noticed, or silence would mean nothing.

mod chromium;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;

use super::suite::Ground;
use crate::process;

use chromium::Chromium;

/// A desk's window, and a telephone's.
const WIDTHS: [u32; 2] = [1280, 390];

/// What a reader must see, as a selector.
const PARTS: [&str; 6] = ["h1", ".tiles li", ".matrix td", "article pre mark", "svg text", "svg path"];

/// How far the page reaches beyond the window, and of which parts nothing is visible.
const LOOK: &str = r"(parts => {
    const isVisible = part => {
        const box = part.getBoundingClientRect();
        return box.width + box.height > 0 && getComputedStyle(part).visibility === 'visible';
    };
    const page = document.documentElement;
    return {
        overflow: page.scrollWidth - page.clientWidth,
        missing: parts.filter(part => ![...document.querySelectorAll(part)].some(isVisible)),
    };
})";

/// A report with something wrong in it, and a word of what is to be said of that.
const MISTAKES: [(&str, &str, &str); 4] = [
    ("<main>", "<main><img src=\"https://example.com/x.png\">", "asks for https://example.com/x.png"),
    ("<main>", "<main><script>throw new Error('x')</script>", "an exception"),
    ("<main>", "<main><p style=\"width: 2000px\">wide</p>", "wider than its window"),
    ("<svg ", "<svg style=\"display: none\" ", "nothing is visible of svg text"),
];

#[derive(Deserialize)]
struct Look {
    overflow: i64,
    missing: Vec<String>,
}

/// Loads the report of an example, and the same with mistakes.
pub(super) fn run(ground: &Ground<'_>) -> Result<String> {
    let Some(program) = chromium::installed() else { return without_chromium() };
    let report = report(ground)?;
    let mut browser = Chromium::start(&program, &ground.folder)?;
    let found = look(&mut browser, &report)?;
    if !found.is_empty() {
        bail!("the report {}: {}", report.display(), found.join("; "));
    }
    let pages = printed(&mut browser)?;
    for (number, mistake) in MISTAKES.iter().enumerate() {
        noticed(&mut browser, &report, number, mistake)?;
    }
    drop(browser);
    let widths = WIDTHS.map(|width| width.to_string()).join(" and ");
    Ok(format!(
        "the HTML report asks for nothing, fits {widths} pixels and {pages} pages; {} mistakes in it noticed",
        MISTAKES.len()
    ))
}

/// Of a developer's machine a browser isn't asked for; CI has one.
fn without_chromium() -> Result<String> {
    let get = "no Chromium: `apt-get install chromium`, or a Chrome in the PATH";
    if std::env::var_os("CI").is_some() {
        bail!("{get}");
    }
    Ok(format!("skipped, {get}"))
}

fn report(ground: &Ground<'_>) -> Result<PathBuf> {
    let mut audit = Command::new(ground.oarlock()?);
    audit.current_dir(&ground.workspace.root);
    audit.args(["audit", "-i", "examples/acme/inventory", "-o", "html", "--fail-on", "error"]);
    let output = audit.output().context("cannot run oarlock")?;
    // 4: findings.
    if !matches!(output.status.code(), Some(0 | 4)) {
        bail!("{}: {}", process::shown(&audit), String::from_utf8_lossy(&output.stderr));
    }
    let file = ground.folder.join("report.html");
    fs::write(&file, output.stdout)?;
    Ok(file)
}

/// All that is wrong with a report.
fn look(browser: &mut Chromium, file: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for width in WIDTHS {
        browser.resize(width)?;
        browser.open(file)?;
        let look = browser.value(&format!("{LOOK}({})", serde_json::to_string(&PARTS)?))?;
        let Look { overflow, missing } = serde_json::from_value(look)?;
        if overflow > 0 {
            found.push(format!("at {width} pixels it is {overflow} wider than its window"));
        }
        found.extend(missing.iter().map(|part| format!("at {width} pixels nothing is visible of {part}")));
        found.extend(browser.complaints(file));
    }
    Ok(found)
}

/// How many pages of paper it takes.
fn printed(browser: &mut Chromium) -> Result<usize> {
    let pdf = STANDARD.decode(browser.pdf()?)?;
    let pages = String::from_utf8_lossy(&pdf).matches("/Type /Page\n").count();
    if !pdf.starts_with(b"%PDF-") || pages == 0 {
        bail!("the report prints no page");
    }
    Ok(pages)
}

fn noticed(
    browser: &mut Chromium,
    report: &Path,
    number: usize,
    (before, after, said): &(&str, &str, &str),
) -> Result<()> {
    let text = fs::read_to_string(report)?;
    let wrong = text.replace(before, after);
    if wrong == text {
        bail!("the report has no `{before}`");
    }
    let file = report.with_file_name(format!("mistake-{number}.html"));
    fs::write(&file, wrong)?;
    let found = look(browser, &file)?;
    match found.iter().any(|found| found.contains(said)) {
        true => Ok(()),
        false => bail!("`{after}` in the report isn't noticed: {found:?}"),
    }
}
