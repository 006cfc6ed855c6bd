package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// kubernetes is the service of calls to an API server.
const kubernetes = "kubernetes"

// apiFront stands before a Kubernetes API server for what goes wrong there. All else goes on as it came, bearer tokens included; who shows a
// certificate asks the API server itself. An API server may stand for several clusters: one whose address ends in /of/NAME is asked about by that
// name, and each has its own limits.
type apiFront struct {
	upstream  *url.URL
	client    *http.Client
	recording *recording
	faults    faults
	limits    limits
}

// runAPI stands before the server until stdin ends.
func runAPI(server, caFile, dir string, options options) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	front, err := newAPIFront(server, caFile, dir, options)
	if err != nil {
		return err
	}
	ready, err := front.serve(filepath.Join(dir, "ca.pem"))
	if err != nil {
		return err
	}
	if err := json.NewEncoder(os.Stdout).Encode(ready); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

func newAPIFront(server, caFile, dir string, options options) (*apiFront, error) {
	upstream, err := url.Parse(server)
	if err != nil {
		return nil, err
	}
	pem, err := os.ReadFile(caFile)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	recording, err := newRecording(dir)
	if err != nil {
		return nil, err
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}}
	return &apiFront{upstream: upstream, client: client, recording: recording, faults: faults{path: options.faults}, limits: limits{path: options.limits}}, nil
}

func (a *apiFront) serve(caFile string) (ready, error) {
	keys, err := newAuthority(caFile)
	if err != nil {
		return ready{}, err
	}
	certificate, err := keys.certificateFor("127.0.0.1")
	if err != nil {
		return ready{}, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return ready{}, err
	}
	server := &http.Server{
		Handler:   a,
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12},
		// A connection of HTTP/2 can't be cut in the middle of one answer.
		TLSNextProto: map[string]func(*http.Server, *tls.Conn, http.Handler){},
	}
	go func() { _ = server.ServeTLS(listener, "", "") }()
	return ready{Endpoint: "https://" + listener.Addr().String(), Recording: a.recording.path, CA: caFile}, nil
}

func (a *apiFront) ServeHTTP(writer http.ResponseWriter, request *http.Request) {
	call, err := kubernetesCall(request)
	if err != nil {
		http.Error(writer, err.Error(), http.StatusBadRequest)
		return
	}
	fault, err := a.faults.of(call)
	if err != nil {
		http.Error(writer, err.Error(), http.StatusInternalServerError)
		return
	}
	reply, by, err := a.handle(fault, call)
	if err == nil {
		err = a.recording.write(call, reply, by)
	}
	if err != nil {
		http.Error(writer, err.Error(), http.StatusBadGateway)
		return
	}
	fault.deliver(writer, request, reply)
}

// handle asks nobody where there were too many calls, or a fault says so.
func (a *apiFront) handle(fault *fault, call *call) (*reply, string, error) {
	if passes, err := a.limits.lets(call, time.Now()); err != nil || !passes {
		return tooBusy(), limiting, err
	}
	by := "server"
	if fault != nil {
		by = "fault " + fault.Kind
		if fault.Kind == cut || fault.Kind == stalled {
			return &reply{status: http.StatusServiceUnavailable}, by, nil
		}
		if reply := statusOf(fault); reply != nil {
			return reply, by, nil
		}
	}
	reply, err := a.forward(call)
	return reply, by, err
}

func (a *apiFront) forward(call *call) (*reply, error) {
	target := *call.request.URL
	target.Scheme, target.Host = a.upstream.Scheme, a.upstream.Host
	request, err := http.NewRequest(call.request.Method, target.String(), bytes.NewReader(call.body))
	if err != nil {
		return nil, err
	}
	request.Header = call.request.Header.Clone()
	// The answer is passed on as it is read, unpacked.
	request.Header.Del("Accept-Encoding")
	response, err := a.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	header := response.Header.Clone()
	header.Del("Content-Length")
	return &reply{status: response.StatusCode, header: header, body: body}, err
}

// statusOf is what an API server answers that has too much to do, fails, or doesn't know the caller any more; nil where it does as it is asked.
func statusOf(fault *fault) *reply {
	status, reason := 0, ""
	header := http.Header{"Content-Type": {"application/json"}}
	switch fault.Kind {
	case throttled:
		status, reason = http.StatusTooManyRequests, "TooManyRequests"
		header.Set("Retry-After", "1")
	case failing:
		status, reason = http.StatusInternalServerError, "InternalError"
	case refusing:
		status, reason = http.StatusUnauthorized, "Unauthorized"
	default:
		return nil
	}
	body := fmt.Sprintf(`{"kind":"Status","apiVersion":"v1","status":"Failure","reason":%q,"code":%d,"message":"said by the test"}`, reason, status)
	return &reply{status: status, header: header, body: []byte(body)}
}

// tooBusy is what an API server answers that has too much to do.
func tooBusy() *reply { return statusOf(&fault{Kind: throttled}) }

// kubernetesCall understands a request to an API server: its action is, for example, `PATCH clusterroles`.
func kubernetesCall(request *http.Request) (*call, error) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	cluster := ""
	if rest, found := strings.CutPrefix(request.URL.Path, "/of/"); found {
		cluster, rest, _ = strings.Cut(rest, "/")
		request.URL.Path, request.URL.RawPath = "/"+rest, ""
	}
	action := request.Method + " " + resource(request.URL.Path)
	return &call{request: request, body: body, service: kubernetes, action: action, cluster: cluster}, nil
}

// resource is the resource that a path is about (Kubernetes API concepts, "Resource URIs").
func resource(path string) string {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	skip := map[string]int{"api": 2, "apis": 3}[parts[0]]
	if skip == 0 || len(parts) <= skip {
		return path
	}
	parts = parts[skip:]
	if parts[0] == "namespaces" && len(parts) > 2 {
		parts = parts[2:]
	}
	return parts[0]
}

// readsKubernetes is true where a request to an API server keeps nothing: reviews are answered and forgotten.
func (c *call) readsKubernetes() bool {
	return c.request.Method == http.MethodGet || strings.HasSuffix(c.action, "reviews")
}
