package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const (
	createRole = "Action=CreateRole&RoleName=new&AssumeRolePolicyDocument=" +
		"%7B%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B%22AWS%22%3A%22111122223333%22%7D%2C%22Action%22%3A%22sts%3AAssumeRole%22%7D%5D%7D"
	getRole = "Action=GetRole&RoleName=there"
)

// faulty is a front with faults, on a real connection, and how many calls reached the server behind it.
func faulty(t *testing.T, faults string) (address string, reached func(action string) int, front *front) {
	t.Helper()
	calls := make(chan string, 100)
	server := httptest.NewServer(http.HandlerFunc(func(writer http.ResponseWriter, request *http.Request) {
		lenient(writer, request)
		calls <- request.Form.Get("Action")
	}))
	t.Cleanup(server.Close)
	file := filepath.Join(t.TempDir(), "faults.json")
	if err := os.WriteFile(file, []byte(faults), 0o600); err != nil {
		t.Fatal(err)
	}
	front, err := newFront(strings.TrimPrefix(server.URL, "http://"), t.TempDir(), options{faults: file})
	if err != nil {
		t.Fatal(err)
	}
	before := httptest.NewServer(front)
	t.Cleanup(before.Close)
	seen := map[string]int{}
	return before.URL, func(action string) int {
		for len(calls) > 0 {
			seen[<-calls]++
		}
		return seen[action]
	}, front
}

// post is the status and the body of an answer, or the error instead.
func post(address, body string) (int, string, error) {
	request, err := http.NewRequest(http.MethodPost, address+"/", strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+account+"/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=0")
	client := http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, string(text), err
}

func TestFaultsMeetTheCallsThatTheyChoose(t *testing.T) {
	address, _, _ := faulty(t, `[{"service":"iam","writes":true,"skip":1,"times":1,"kind":"throttled"}]`)
	for number, expected := range []int{200, 400, 200} {
		if status, body, err := post(address, createRole); err != nil || status != expected {
			t.Errorf("write %d: %d %v, wanted %d: %s", number, status, err, expected, body)
		} else if expected == 400 && !strings.Contains(body, "<Code>ThrottlingException</Code>") {
			t.Errorf("write %d is refused otherwise: %s", number, body)
		}
		if status, _, err := post(address, getRole); err != nil || status != 200 {
			t.Errorf("read %d: %d %v", number, status, err)
		}
	}
}

func TestWhatAWSHasDoneThoughNoAnswerCame(t *testing.T) {
	cases := map[string]struct {
		status int
		done   int
	}{
		cut: {0, 0}, stalled: {0, 0}, lost: {0, 1}, half: {0, 1}, held: {0, 1}, failing: {500, 0}, throttled: {400, 0},
	}
	for kind, expected := range cases {
		t.Run(kind, func(t *testing.T) {
			address, reached, front := faulty(t, `[{"action":"CreateRole","times":1,"kind":"`+kind+`"}]`)
			status, body, err := post(address, createRole)
			if expected.status == 0 && err == nil || expected.status != 0 && status != expected.status {
				t.Errorf("answered %d %v: %s", status, err, body)
			}
			if done := reached("CreateRole"); done != expected.done {
				t.Errorf("it was done %d times", done)
			}
			written, err := os.ReadFile(front.recording.path)
			if err != nil || !strings.Contains(string(written), `"by":"fault `+kind+`"`) {
				t.Errorf("recorded: %s %v", written, err)
			}
			if status, body, err := post(address, createRole); err != nil || status != 200 {
				t.Errorf("the next call: %d %v: %s", status, err, body)
			}
		})
	}
}

func TestWhoChangesTheFaultsStartsTheCountingAnew(t *testing.T) {
	address, _, front := faulty(t, `[{"times":1,"kind":"failing"}]`)
	for _, expected := range []int{500, 200} {
		if status, _, err := post(address, getRole); err != nil || status != expected {
			t.Fatalf("%d %v, wanted %d", status, err, expected)
		}
	}
	if err := os.WriteFile(front.faults.path, []byte(`[{"times":1,"kind":"refusing","code":"ExpiredToken"}]`), 0o600); err != nil {
		t.Fatal(err)
	}
	if status, body, err := post(address, getRole); err != nil || status != 400 || !strings.Contains(body, "ExpiredToken") {
		t.Fatalf("%d %v: %s", status, err, body)
	}
}
