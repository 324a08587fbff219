//! HTTP/1.1 messages (RFC 9112): heads, bodies with a length, in chunks, or up to the end of the connection.

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    line: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// A response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    line: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Request {
    /// A request with a `Host` header and no body.
    pub fn new(method: &str, host: &str, target: &str) -> Self {
        Self {
            line: format!("{method} {target} HTTP/1.1"),
            headers: vec![("Host".to_owned(), host.to_owned())],
            body: Vec::new(),
        }
    }

    /// GET.
    pub fn get(host: &str, target: &str) -> Self {
        Self::new("GET", host, target)
    }

    /// The same with a header more.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same with the headers that Apple's CFNetwork sends, and a user agent.
    #[must_use]
    pub fn by_apple(self, user_agent: &str) -> Self {
        self.header("Accept", "*/*")
            .header("Accept-Language", "en-us")
            .header("Connection", "keep-alive")
            .header("Accept-Encoding", "gzip, deflate")
            .header("User-Agent", user_agent)
    }

    /// The same with a body and its `Content-Length`.
    #[must_use]
    pub fn body(mut self, body: &[u8]) -> Self {
        self.body = body.to_vec();
        self.header("Content-Length", &body.len().to_string())
    }

    /// The bytes on the wire.
    pub fn to_bytes(&self) -> Vec<u8> {
        to_bytes(&self.line, &self.headers, &self.body)
    }
}

impl Response {
    /// A response without headers and body.
    pub fn new(status: u16, reason: &str) -> Self {
        Self { line: format!("HTTP/1.1 {status} {reason}"), headers: Vec::new(), body: Vec::new() }
    }

    /// 200 with a content type and a body with its length.
    pub fn ok(content_type: &str, body: &[u8]) -> Self {
        Self::new(200, "OK").header("Content-Type", content_type).body(body)
    }

    /// The same with a header more.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same with a body and its `Content-Length`.
    #[must_use]
    pub fn body(mut self, body: &[u8]) -> Self {
        self.body = body.to_vec();
        self.header("Content-Length", &body.len().to_string())
    }

    /// The same with a body in chunks of at most `size` bytes and no trailer.
    #[must_use]
    pub fn chunked(mut self, body: &[u8], size: usize) -> Self {
        self.body.clear();
        for chunk in body.chunks(size.max(1)) {
            self.body.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
            self.body.extend_from_slice(chunk);
            self.body.extend_from_slice(b"\r\n");
        }
        self.body.extend_from_slice(b"0\r\n\r\n");
        self.header("Transfer-Encoding", "chunked")
    }

    /// The same with a body that ends with the connection.
    #[must_use]
    pub fn until_close(mut self, body: &[u8]) -> Self {
        self.body = body.to_vec();
        self.header("Connection", "close")
    }

    /// Bytes before the body.
    pub fn head_len(&self) -> usize {
        to_bytes(&self.line, &self.headers, &[]).len()
    }

    /// The bytes on the wire.
    pub fn to_bytes(&self) -> Vec<u8> {
        to_bytes(&self.line, &self.headers, &self.body)
    }
}

fn to_bytes(line: &str, headers: &[(String, String)], body: &[u8]) -> Vec<u8> {
    let mut out = format!("{line}\r\n").into_bytes();
    for (name, value) in headers {
        out.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(body);
    out
}
