package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// signed is a call that was signed some time from now, by header or presigned.
func signed(service string, presigned bool, from time.Duration, now time.Time) *call {
	date := now.Add(from).UTC().Format(signedAt)
	request := httptest.NewRequest(http.MethodGet, "/", nil)
	if presigned {
		request.URL.RawQuery = "X-Amz-Date=" + date
	} else {
		request.Header.Set("X-Amz-Date", date)
	}
	return &call{request: request, service: service}
}

func TestRequestsOfAnotherTimeAreRefused(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	cases := []struct {
		service   string
		presigned bool
		from      time.Duration
		refusal   string
	}{
		{"iam", false, 5 * time.Minute, ""},
		{"iam", false, -5 * time.Minute, ""},
		{"iam", false, 6 * time.Minute, "SignatureDoesNotMatch: Signature not yet current: 20260102T031005Z is still later than 20260102T030905Z (20260102T030405Z + 5 min.)"},
		{"sts", false, -6 * time.Minute, "SignatureDoesNotMatch: Signature expired: 20260102T025805Z is now earlier than 20260102T025905Z (20260102T030405Z - 5 min.)"},
		{"eks", false, -6 * time.Minute, "InvalidSignatureException: Signature expired: "},
		{"sts", true, -10 * time.Minute, ""},
		{"sts", true, -16 * time.Minute, "SignatureDoesNotMatch: Signature expired: 20260102T024805Z is now earlier than 20260102T024905Z (20260102T030405Z - 15 min.)"},
		{"sts", true, 6 * time.Minute, "SignatureDoesNotMatch: Signature not yet current: "},
	}
	for _, c := range cases {
		err := offTime(signed(c.service, c.presigned, c.from, now), now)
		if (err == nil) != (c.refusal == "") || err != nil && !strings.HasPrefix(err.Error(), c.refusal) {
			t.Errorf("%s, presigned %t, %s: %v, and not %q", c.service, c.presigned, c.from, err, c.refusal)
		}
	}
}

func TestARequestOfAnotherTimeIsAnswered403(t *testing.T) {
	front := newTestFront(t)
	request := httptest.NewRequest(http.MethodGet, "/clusters/api", nil)
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+account+"/20260101/eu-west-1/eks/aws4_request, SignedHeaders=host, Signature=0")
	for from, expected := range map[time.Duration]int{0: http.StatusOK, time.Hour: http.StatusForbidden} {
		request.Header.Set("X-Amz-Date", time.Now().Add(from).UTC().Format(signedAt))
		answer := httptest.NewRecorder()
		front.ServeHTTP(answer, request)
		if answer.Code != expected {
			t.Errorf("%s from now: %d %s", from, answer.Code, answer.Body)
		}
	}
}
