package main

import (
	"net/http"
	"strings"
)

// managedPolicyRules: the server attaches any ARN.
var managedPolicyRules = []rule{{
	service: "iam", actions: []string{"AttachRolePolicy", "AttachUserPolicy", "AttachGroupPolicy"},
	what:   "only a customer managed policy that exists can be attached",
	source: "IAM API Reference, AttachRolePolicy: NoSuchEntity",
	refuse: func(f *front, call *call) error {
		arn := call.text("PolicyArn")
		if strings.Contains(arn, ":iam::aws:policy/") {
			// AWS has more of its own than the server.
			return nil
		}
		reply, err := f.askIAM(call.account, "GetPolicy", "PolicyArn", arn)
		if err != nil || reply.ok() {
			return err
		}
		return refused(http.StatusNotFound, "NoSuchEntity", "Policy %s does not exist or is not attachable.", arn)
	},
}}
