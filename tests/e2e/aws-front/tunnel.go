package main

import (
	"bufio"
	"crypto/tls"
	"encoding/json"
	"encoding/xml"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
)

// tunnel is an HTTPS proxy through which STS's own addresses lead to the front: aws-iam-authenticator asks no others
// (aws-iam-authenticator, pkg/token/token.go), but honours HTTPS_PROXY and SSL_CERT_FILE as Go's HTTP client does.
type tunnel struct {
	front  http.Handler
	keys   *authority
	caFile string
}

// stsHost is STS's regional address, or the global one ("AWS STS endpoints", AWS General Reference).
var stsHost = regexp.MustCompile(`^sts(\.[a-z0-9-]+)?\.amazonaws\.com:443$`)

func newTunnel(front http.Handler, caFile string) (*tunnel, error) {
	keys, err := newAuthority(caFile)
	if err != nil {
		return nil, err
	}
	return &tunnel{front: front, keys: keys, caFile: caFile}, nil
}

func (t *tunnel) ServeHTTP(writer http.ResponseWriter, request *http.Request) {
	if request.Method != http.MethodConnect || !stsHost.MatchString(request.Host) {
		http.Error(writer, "this proxy leads to STS alone", http.StatusForbidden)
		return
	}
	hijacker, ok := writer.(http.Hijacker)
	if !ok {
		http.Error(writer, "the connection can't be taken over", http.StatusInternalServerError)
		return
	}
	connection, _, err := hijacker.Hijack()
	if err != nil {
		return
	}
	defer connection.Close()
	if _, err := io.WriteString(connection, "HTTP/1.1 200 Connection Established\r\n\r\n"); err != nil {
		return
	}
	host, _, _ := net.SplitHostPort(request.Host)
	t.serve(connection, host)
}

// serve answers on one connection, until it ends.
func (t *tunnel) serve(connection net.Conn, host string) {
	certificate, err := t.keys.certificateFor(host)
	if err != nil {
		return
	}
	secure := tls.Server(connection, &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12})
	defer secure.Close()
	reader := bufio.NewReader(secure)
	for {
		request, err := http.ReadRequest(reader)
		if err != nil {
			return
		}
		if err := t.answer(request, secure); err != nil {
			return
		}
	}
}

func (t *tunnel) answer(request *http.Request, out io.Writer) error {
	answer := &buffered{header: http.Header{}, status: http.StatusOK}
	t.front.ServeHTTP(answer, request)
	if request.Header.Get("Accept") == "application/json" && answer.status == http.StatusOK {
		answer.toJSON()
	}
	response := &http.Response{
		StatusCode: answer.status, ProtoMajor: 1, ProtoMinor: 1, Header: answer.header, Request: request,
		ContentLength: int64(answer.body.Len()), Body: io.NopCloser(strings.NewReader(answer.body.String())),
	}
	return response.Write(out)
}

// buffered is an answer that is held back.
type buffered struct {
	status int
	header http.Header
	body   strings.Builder
}

func (b *buffered) Header() http.Header             { return b.header }
func (b *buffered) WriteHeader(status int)          { b.status = status }
func (b *buffered) Write(bytes []byte) (int, error) { return b.body.Write(bytes) }

// toJSON turns the answer to GetCallerIdentity into the JSON that STS gives who accepts it; the server only speaks XML.
func (b *buffered) toJSON() {
	var answer struct {
		Result struct {
			Account string `json:"Account"`
			Arn     string `json:"Arn"`
			UserID  string `xml:"UserId" json:"UserId"`
		} `xml:"GetCallerIdentityResult"`
		RequestID string `xml:"ResponseMetadata>RequestId"`
	}
	if xml.Unmarshal([]byte(b.body.String()), &answer) != nil || answer.Result.Arn == "" {
		return
	}
	body, err := json.Marshal(map[string]any{"GetCallerIdentityResponse": map[string]any{
		"GetCallerIdentityResult": answer.Result, "ResponseMetadata": map[string]any{"RequestId": answer.RequestID},
	}})
	if err != nil {
		return
	}
	b.body.Reset()
	b.body.Write(body)
	b.header.Set("Content-Type", "application/json")
	b.header.Del("Content-Length")
}
