package main

import (
	"net/http"
	"strings"
)

// managedPolicyRules: the server attaches any ARN.
var managedPolicyRules = []rule{permissionsBoundaries, {
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

// permissionsBoundaries: the server leaves them out of what it tells of all roles at once.
var permissionsBoundaries = rule{
	service: "iam", actions: []string{"GetAccountAuthorizationDetails"},
	what:   "the permissions boundaries of roles",
	source: "IAM API Reference, RoleDetail: PermissionsBoundary",
	complete: func(f *front, call *call, reply *reply) error {
		before, roles, found := strings.Cut(string(reply.body), "<RoleDetailList>")
		if !found {
			return nil
		}
		const start, end = "<RoleName>", "</RoleName>"
		parts := strings.Split(roles, start)
		for index, part := range parts[1:] {
			name, rest, _ := strings.Cut(part, end)
			role, err := f.askIAM(call.account, "GetRole", "RoleName", name)
			if err != nil {
				return err
			}
			boundary := between(string(role.body), "<PermissionsBoundary>", "</PermissionsBoundary>")
			if boundary != "" {
				rest = "<PermissionsBoundary>" + boundary + "</PermissionsBoundary>" + rest
			}
			parts[index+1] = name + end + rest
		}
		reply.body = []byte(before + "<RoleDetailList>" + strings.Join(parts, start))
		return nil
	},
}
