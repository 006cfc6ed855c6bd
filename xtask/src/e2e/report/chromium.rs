//! Headless Chromium, driven by its DevTools protocol (<https://chromedevtools.github.io/devtools-protocol/>) through a pipe: no port, no
//! driver, no network.

use std::{
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

/// What a package of it may be called.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/// Its protocol is on the file descriptors 3 and 4; ours are 0 and 1.
const ON_PIPE: &str = r#"exec "$0" "$@" 3<&0 4>&1 0</dev/null 1>/dev/null 2>"$LOG""#;

/// The program, if one is installed.
pub(super) fn installed() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let all = NAMES.iter().flat_map(|name| std::env::split_paths(&path).map(move |folder| folder.join(name)));
    all.into_iter().find(|program| program.is_file())
}

/// A browser with one page.
pub(super) struct Chromium {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    session: Option<String>,
    asked: u64,
    /// What the browser said by itself since the page was opened.
    events: Vec<Value>,
}

impl Chromium {
    /// Starts it with an empty profile in a folder.
    pub(super) fn start(program: &Path, folder: &Path) -> Result<Self> {
        let mut command = Command::new("sh");
        command.args(["-c", ON_PIPE]).arg(program).env("LOG", folder.join("chromium.log"));
        command.args(["--headless", "--remote-debugging-pipe", "--no-first-run", "--disable-gpu"]);
        // Root, as CI is, gets no sandbox of its own; the only page is ours. Names lead nowhere.
        command.args(["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking"]);
        command.args(["--hide-scrollbars", "--host-resolver-rules=MAP * ~NOTFOUND"]);
        command.arg(format!("--user-data-dir={}", folder.join("profile").display()));
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().context("cannot start sh")?;
        let (input, output) = child.stdin.take().zip(child.stdout.take()).context("no pipes")?;
        let output = BufReader::new(output);
        let mut browser = Self { child, input, output, session: None, asked: 0, events: Vec::new() };
        let target = browser.ask("Target.createTarget", json!({"url": "about:blank"}))?;
        let attach = json!({"targetId": text(&target, "/targetId"), "flatten": true});
        let attached = browser.ask("Target.attachToTarget", attach)?;
        browser.session = text(&attached, "/sessionId").map(str::to_owned);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.ask(&format!("{domain}.enable"), json!({}))?;
        }
        Ok(browser)
    }

    /// Loads a file, and waits until it has loaded.
    pub(super) fn open(&mut self, file: &Path) -> Result<()> {
        self.events.clear();
        self.ask("Page.navigate", json!({"url": format!("file://{}", file.display())}))?;
        while !self.events.iter().any(|event| text(event, "/method") == Some("Page.loadEventFired")) {
            let event = self.message()?;
            self.events.push(event);
        }
        Ok(())
    }

    /// What was said of the page by itself: requests for something that isn't the file itself, errors of scripts and of the console.
    pub(super) fn complaints(&self, file: &Path) -> Vec<String> {
        let own = format!("file://{}", file.display());
        let complaint = |event: &Value| match text(event, "/method")? {
            "Network.requestWillBeSent" => {
                let url = text(event, "/params/request/url")?;
                (url != own).then(|| format!("it asks for {url}"))
            }
            "Runtime.exceptionThrown" => Some(format!("an exception: {event}")),
            "Log.entryAdded" => Some(format!("the log: {event}")),
            "Runtime.consoleAPICalled" => Some(format!("the console: {event}")),
            _ => None,
        };
        self.events.iter().filter_map(complaint).collect()
    }

    /// Lays the page out for a window of that many pixels.
    pub(super) fn resize(&mut self, width: u32) -> Result<()> {
        let metrics = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        self.ask("Emulation.setDeviceMetricsOverride", metrics).map(drop)
    }

    /// The value of an expression of JavaScript.
    pub(super) fn value(&mut self, expression: &str) -> Result<Value> {
        let question = json!({"expression": expression, "returnByValue": true});
        let answer = self.ask("Runtime.evaluate", question)?;
        if let Some(details) = answer.get("exceptionDetails") {
            bail!("{details}");
        }
        answer.pointer("/result/value").cloned().context("the expression has no value")
    }

    /// The page as a PDF on A4, in base64.
    pub(super) fn pdf(&mut self) -> Result<String> {
        let paper = json!({"paperWidth": 8.27, "paperHeight": 11.69, "printBackground": true});
        let answer = self.ask("Page.printToPDF", paper)?;
        Ok(text(&answer, "/data").context("no PDF")?.to_owned())
    }

    /// Sends one question, and keeps what is said before its answer.
    fn ask(&mut self, method: &str, params: Value) -> Result<Value> {
        self.asked += 1;
        let mut question = json!({"id": self.asked, "method": method, "params": params});
        if let Some((session, fields)) = self.session.as_ref().zip(question.as_object_mut()) {
            fields.insert("sessionId".to_owned(), json!(session));
        }
        self.input.write_all(format!("{question}\0").as_bytes()).context("Chromium has gone")?;
        loop {
            let message = self.message()?;
            if message.get("id") == Some(&json!(self.asked)) {
                if let Some(error) = message.get("error") {
                    bail!("{method}: {error}");
                }
                return Ok(message.get("result").cloned().unwrap_or_default());
            }
            self.events.push(message);
        }
    }

    fn message(&mut self) -> Result<Value> {
        let mut bytes = Vec::new();
        self.output.read_until(0, &mut bytes)?;
        if bytes.pop() != Some(0) {
            bail!("Chromium has gone: see chromium.log");
        }
        Ok(serde_json::from_slice(&bytes)?)
    }
}

/// The text that a JSON pointer leads to.
fn text<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value.pointer(pointer)?.as_str()
}

impl Drop for Chromium {
    /// Asks it to end, so that nothing of it still writes into its profile; it has gone when its pipe ends.
    fn drop(&mut self) {
        self.session = None;
        let _ = self.ask("Browser.close", json!({}));
        while self.message().is_ok() {}
        let _ = self.child.wait();
    }
}
