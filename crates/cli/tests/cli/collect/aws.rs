//! A server on loopback in AWS's place: each request is answered by a function, and remembered.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use crate::run::{Run, command, finished};

/// A running one. It ends with the tests.
pub(super) struct Aws {
    endpoint: String,
    asked: Arc<Mutex<Vec<Request>>>,
}

/// One request.
#[derive(Clone, Debug)]
pub(super) struct Request {
    /// How many of the same were asked up to this one.
    pub(super) number: usize,
    line: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Aws {
    pub(super) fn start(answer: impl Fn(&Request) -> (u16, String) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (seen, answer) = (Arc::clone(&asked), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
                thread::spawn(move || serve(&stream.unwrap(), &seen, &*answer));
            }
        });
        Self { endpoint, asked }
    }

    /// Runs the binary with an access key, and finds nothing of whoever runs the tests.
    pub(super) fn run(&self, key: &str, arguments: &[&str]) -> Run {
        self.run_in(&[("AWS_ACCESS_KEY_ID", key), ("AWS_SECRET_ACCESS_KEY", "test")], arguments)
    }

    /// The same with whatever says whose credentials there are.
    pub(super) fn run_in(&self, environment: &[(&str, &str)], arguments: &[&str]) -> Run {
        let mut command = command(arguments);
        command
            .env_clear()
            .env("AWS_ENDPOINT_URL", &self.endpoint)
            .env("AWS_REGION", "eu-west-1")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .envs(environment.iter().copied());
        finished(command.output().unwrap())
    }

    /// Where it listens.
    pub(super) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    pub(super) fn asked(&self) -> Vec<Request> {
        self.asked.lock().unwrap().clone()
    }
}

impl Request {
    /// The service and operation, or what EKS has instead: method and path.
    pub(super) fn what(&self) -> String {
        let target = self.header("x-amz-target");
        if let Some((service, operation)) = target.split_once('.') {
            let service = if service.starts_with("AWSOrganizations") { "organizations" } else { service };
            return format!("{service} {operation}");
        }
        let service = self.header("authorization").split('/').nth(3).unwrap_or_default().to_owned();
        match self.parameter("Action").as_str() {
            "" => self.line.split('?').next().unwrap().trim_end_matches(" HTTP/1.1").to_owned(),
            action => format!("{service} {action}"),
        }
    }

    /// Of the query or of a form.
    pub(super) fn parameter(&self, name: &str) -> String {
        let query = self.line.split(['?', ' ']).nth(2).unwrap_or_default();
        let pairs = query.split('&').chain(self.body.split('&')).filter_map(|pair| pair.split_once('='));
        let found = pairs.filter(|(key, _)| *key == name).map(|(_, value)| value).next().unwrap_or_default();
        found.replace("%3A", ":").replace("%2F", "/")
    }

    pub(super) fn access_key(&self) -> String {
        let header = self.header("authorization");
        let after = header.split("Credential=").nth(1).unwrap_or_default();
        after.split('/').next().unwrap_or_default().to_owned()
    }

    fn header(&self, name: &str) -> String {
        let found = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    }
}

fn serve(stream: &TcpStream, seen: &Mutex<Vec<Request>>, answer: &dyn Fn(&Request) -> (u16, String)) {
    let mut reader = BufReader::new(stream);
    while let Some(mut request) = read(&mut reader) {
        {
            let mut seen = seen.lock().unwrap();
            request.number = 1 + seen.iter().filter(|other| other.line == request.line).count();
            seen.push(request.clone());
        }
        let (status, body) = answer(&request);
        let head = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n\r\n", body.len());
        let mut writer = stream;
        if writer.write_all(head.as_bytes()).and_then(|()| writer.write_all(body.as_bytes())).is_err() {
            return;
        }
    }
}

fn read(reader: &mut impl BufRead) -> Option<Request> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        headers.push((name.to_owned(), value.to_owned()));
    }
    let mut request = Request { number: 0, line: line.trim_end().to_owned(), headers, body: String::new() };
    let length = request.header("content-length").parse().unwrap_or(0);
    reader.take(length).read_to_string(&mut request.body).ok()?;
    Some(request)
}

/// An answer of the services that speak XML.
pub(super) fn xml(operation: &str, result: &str) -> (u16, String) {
    (
        200,
        format!("<{operation}Response><{operation}Result>{result}</{operation}Result></{operation}Response>"),
    )
}

pub(super) fn refused(code: &str, message: &str) -> (u16, String) {
    let error = format!("<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>");
    (403, format!("<ErrorResponse>{error}</ErrorResponse>"))
}

/// The account stands in the access keys of these tests.
pub(super) fn identity(access_key: &str) -> (u16, String) {
    let account = access_key.get(4..).unwrap_or_default();
    xml("GetCallerIdentity", &format!("<Account>{account}</Account><Arn>arn:aws:iam::{account}:root</Arn>"))
}

pub(super) fn assumed(role: &str) -> (u16, String) {
    let account = role.split(':').nth(4).unwrap_or_default();
    xml(
        "AssumeRole",
        &format!(
            "<Credentials><AccessKeyId>ASIA{account}</AccessKeyId><SecretAccessKey>test</SecretAccessKey>\
         <SessionToken>token</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>"
        ),
    )
}
