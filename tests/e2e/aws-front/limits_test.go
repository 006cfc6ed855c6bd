package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func limited(t *testing.T, text string) *limits {
	t.Helper()
	file := filepath.Join(t.TempDir(), "limits.json")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return &limits{path: file}
}

func passes(t *testing.T, limits *limits, call *call, now time.Time) bool {
	t.Helper()
	passes, err := limits.lets(call, now)
	if err != nil {
		t.Fatal(err)
	}
	return passes
}

func TestABucketGivesItsBurstAndThenAsMuchAsComesBack(t *testing.T) {
	limits := limited(t, `[{"service":"eks","reads":true,"perSecond":2,"burst":3}]`)
	now := time.Now()
	passed := func(call call, after time.Duration) (count int) {
		for passes(t, limits, &call, now.Add(after)) {
			count++
		}
		return count
	}
	call := call{service: "eks", action: "DescribeCluster", account: account, region: "eu-west-1"}
	if got := passed(call, 0); got != 3 {
		t.Errorf("%d calls passed at once", got)
	}
	if got := passed(call, time.Second); got != 2 {
		t.Errorf("%d calls passed a second later", got)
	}
	if got := passed(call, time.Hour); got != 3 {
		t.Errorf("%d calls passed when the bucket was full again", got)
	}
	for name, other := range map[string]func(){
		"account":   func() { call.account = "444455556666" },
		"region":    func() { call.region = "us-east-1" },
		"operation": func() { call.action = "ListClusters" },
	} {
		other()
		if got := passed(call, time.Hour); got != 3 {
			t.Errorf("another %s: %d calls passed", name, got)
		}
	}
	call.action = "CreateAccessEntry"
	for range 10 {
		if !passes(t, limits, &call, now) {
			t.Fatal("a call that nothing limits was refused")
		}
	}
}

func TestASharedBucketIsForAllOperations(t *testing.T) {
	limits := limited(t, `[{"service":"sts","shared":true,"perSecond":1,"burst":1}]`)
	now := time.Now()
	first, second := call{service: "sts", action: "AssumeRole"}, call{service: "sts", action: "GetCallerIdentity"}
	if !passes(t, limits, &first, now) || passes(t, limits, &second, now) {
		t.Error("two operations have a bucket each")
	}
}

func TestWhoAsksTooOftenIsToldSoInTheServicesWords(t *testing.T) {
	front := newTestFront(t)
	front.limits.path = limited(t, `[{"service":"eks","perSecond":0,"burst":1},{"service":"iam","perSecond":0,"burst":1}]`).path
	for service, code := range map[string]string{"eks": `"__type":"ThrottlingException"`, "iam": "<Code>Throttling</Code>"} {
		path := map[string]string{"eks": "/clusters/api", "iam": "/?Action=GetUser"}[service]
		if status, answer := ask(front, service, http.MethodGet, path, ""); status != http.StatusOK && strings.Contains(answer, "Rate") {
			t.Errorf("%s: the first was refused: %d %s", service, status, answer)
		}
		if status, answer := ask(front, service, http.MethodGet, path, ""); status != http.StatusBadRequest || !strings.Contains(answer, code) {
			t.Errorf("%s: %d %s", service, status, answer)
		}
	}
}
