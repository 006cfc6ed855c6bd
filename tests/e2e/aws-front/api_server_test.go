package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// An API server that counts what reaches it with a token, behind a front with faults.
func TestCallsToAnAPIServerGoWrongAsTheFileSays(t *testing.T) {
	var reached []string
	server := httptest.NewTLSServer(http.HandlerFunc(func(writer http.ResponseWriter, request *http.Request) {
		if request.Header.Get("Authorization") != "Bearer t" {
			t.Errorf("the token is lost on the way: %v", request.Header)
		}
		reached = append(reached, request.Method+" "+request.URL.RequestURI())
		_, _ = writer.Write([]byte(`{"kind":"ClusterRole"}`))
	}))
	defer server.Close()
	dir := t.TempDir()
	ca, faults := filepath.Join(dir, "server.pem"), filepath.Join(dir, "faults.json")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	write := func(path, text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(ca, string(text))
	write(faults, "[]")
	front, err := newAPIFront(server.URL, ca, dir, options{faults: faults})
	if err != nil {
		t.Fatal(err)
	}
	ready, err := front.serve(filepath.Join(dir, "ca.pem"))
	if err != nil {
		t.Fatal(err)
	}
	own, err := os.ReadFile(ready.CA)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(own)
	client := http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: pool}}}
	send := func(method, path string) (*http.Response, error) {
		request, err := http.NewRequest(method, ready.Endpoint+path, strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer t")
		return client.Do(request)
	}
	const role = "/apis/rbac.authorization.k8s.io/v1/clusterroles/a?fieldManager=oarlock"
	for _, fault := range []struct {
		kind   string
		status int
		served bool
	}{{throttled, 429, false}, {failing, 500, false}, {refusing, 401, false}, {cut, 0, false}, {lost, 0, true}, {half, 200, true}, {stalled, 0, false}} {
		write(faults, `[{"kind":"`+fault.kind+`","writes":true,"action":"PATCH clusterroles","times":1}]`)
		reached = nil
		answer, err := send(http.MethodPatch, role)
		if err == nil && answer.StatusCode != fault.status || err != nil && fault.status != 0 {
			t.Errorf("%s: %v %v", fault.kind, answer, err)
		}
		if fault.kind == throttled && (err != nil || answer.Header.Get("Retry-After") != "1") {
			t.Errorf("a throttled caller isn't told when to come again: %v", answer)
		}
		if served := len(reached) == 1; served != fault.served {
			t.Errorf("%s: the API server was reached: %v", fault.kind, reached)
		}
		if answer, err := send(http.MethodPatch, role); err != nil || answer.StatusCode != 200 {
			t.Errorf("after %s: %v %v", fault.kind, answer, err)
		}
	}
	write(faults, `[{"kind":"failing","writes":true}]`)
	for path, status := range map[string]int{
		"/apis/authorization.k8s.io/v1/subjectaccessreviews": 200, "/api/v1/namespaces/a/configmaps/b": 500, "/api/v1/namespaces/a": 500,
	} {
		if answer, err := send(http.MethodPost, path); err != nil || answer.StatusCode != status {
			t.Errorf("POST %s: %v %v", path, answer, err)
		}
	}
}

func TestAnAPIServerStandsForSeveralClusters(t *testing.T) {
	for path, expected := range map[string][2]string{
		"/of/spoke-001/api/v1/namespaces/a/secrets?limit=5": {"spoke-001", "/api/v1/namespaces/a/secrets?limit=5"},
		"/api/v1/namespaces": {"", "/api/v1/namespaces"},
	} {
		call, err := kubernetesCall(httptest.NewRequest(http.MethodGet, path, nil))
		if err != nil {
			t.Fatal(err)
		}
		if call.cluster != expected[0] || call.request.URL.RequestURI() != expected[1] {
			t.Errorf("%s: %s %s", path, call.cluster, call.request.URL.RequestURI())
		}
	}
}
