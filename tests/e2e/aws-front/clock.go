package main

import (
	"net/http"
	"time"
)

const (
	// tolerance is how far the time of a signed request may be from AWS's.
	tolerance = 5 * time.Minute
	// presignedLasts is how long STS takes a presigned request (aws-iam-authenticator, pkg/token/token.go, presignedURLExpiration).
	presignedLasts = 15 * time.Minute
	// signedAt is how X-Amz-Date is written ("Elements of an AWS API request signature", IAM User Guide).
	signedAt = "20060102T150405Z"
)

// clockRules: the server looks at no request's time.
var clockRules = []rule{{
	service: everything, actions: []string{everything},
	what: "a request's time is AWS's, within five minutes; a presigned one may be fifteen minutes old",
	source: "IAM User Guide, \"AWS Signature Version 4 for API requests\" and \"Troubleshoot Signature Version 4 signed requests\"; " +
		"the messages: aws-sdk-js#1652, aws-sdk-cpp#560",
	refuse: func(_ *front, call *call) error { return offTime(call, time.Now()) },
}}

// offTime is the refusal of a request that isn't of this time. Those without a signature have none.
func offTime(call *call, now time.Time) error {
	date, lasts := call.request.Header.Get("X-Amz-Date"), tolerance
	if date == "" {
		date, lasts = call.request.URL.Query().Get("X-Amz-Date"), presignedLasts
	}
	signed, err := time.Parse(signedAt, date)
	if err != nil {
		return nil
	}
	write := func(moment time.Time) string { return moment.UTC().Format(signedAt) }
	if earliest := now.Add(-lasts); signed.Before(earliest) {
		return skewed(call, "Signature expired: %s is now earlier than %s (%s - %d min.)", date, write(earliest), write(now), int(lasts.Minutes()))
	}
	if latest := now.Add(tolerance); signed.After(latest) {
		return skewed(call, "Signature not yet current: %s is still later than %s (%s + %d min.)", date, write(latest), write(now), int(tolerance.Minutes()))
	}
	return nil
}

// skewed has the code of the service's protocol: query or JSON.
func skewed(call *call, message string, arguments ...any) error {
	code := "InvalidSignatureException"
	if call.service == "iam" || call.service == "sts" {
		code = "SignatureDoesNotMatch"
	}
	return refused(http.StatusForbidden, code, message, arguments...)
}
