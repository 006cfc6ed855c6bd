package main

import (
	"bytes"
	"strings"
)

// assumeRoleRules: the server's refusals leave out what people read first.
var assumeRoleRules = []rule{
	{
		service: "sts", actions: []string{"AssumeRole"},
		what:   "the sessions that are made are remembered, for refusals to name them",
		source: "AWS Security Token Service API Reference, AssumeRole: AssumedRoleUser",
		complete: func(f *front, _ *call, reply *reply) error {
			body := string(reply.body)
			f.state.with(func() {
				f.state.sessions[between(body, "<AccessKeyId>", "</AccessKeyId>")] = between(body, "<Arn>", "</Arn>")
			})
			return nil
		},
	},
	{
		service: "sts", actions: []string{"AssumeRole"},
		what:   "a refusal names the caller, also where there is no such role, and the role, also where it says which policy refuses",
		source: "IAM User Guide, \"Troubleshoot access denied error messages\": its examples",
		reword: func(f *front, call *call, reply *reply) error {
			if caller := f.state.session(call.accessKey); caller != "" {
				reply.body = bytes.Replace(reply.body, []byte("User: is not"), []byte("User: "+caller+" is not"), 1)
			}
			for _, why := range []string{" because no ", " with an explicit deny "} {
				without, with := "sts:AssumeRole"+why, "sts:AssumeRole on resource: "+call.text("RoleArn")+why
				reply.body = []byte(strings.Replace(string(reply.body), without, with, 1))
			}
			return nil
		},
	},
}
