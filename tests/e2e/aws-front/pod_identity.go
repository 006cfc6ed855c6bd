package main

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

// podIdentityRules: the server associates any text with a service account.
var podIdentityRules = []rule{{
	service: "eks", actions: []string{"CreatePodIdentityAssociation", "UpdatePodIdentityAssociation"},
	what:   "the role exists in the cluster's account, and trusts pods.eks.amazonaws.com to assume it and to tag the session",
	source: "Amazon EKS User Guide, \"Create IAM role with trust policy required by EKS Pod Identity\" (pod-id-role); the message: terraform-provider-aws#41483",
	refuse: func(f *front, call *call) error {
		if call.text("roleArn") == "" {
			return nil
		}
		role, ok := parsePrincipal(call.text("roleArn"))
		if !ok || role.kind != "role" || role.account != call.account {
			return invalidParameter("The role %s is invalid", call.text("roleArn"))
		}
		reply, err := f.askIAM(role.account, "GetRole", "RoleName", role.name)
		if err != nil {
			return err
		}
		trust, _ := url.QueryUnescape(between(string(reply.body), "<AssumeRolePolicyDocument>", "</AssumeRolePolicyDocument>"))
		if !reply.ok() || !trustsPodIdentity(trust) {
			return invalidParameter("Trust policy of the role provided is invalid. Follow the official documentation to resolve the issue.")
		}
		return nil
	},
}}

func trustsPodIdentity(document string) bool {
	var policy struct{ Statement statements }
	if json.Unmarshal([]byte(document), &policy) != nil {
		return false
	}
	allowed := map[string]bool{}
	for _, statement := range policy.Statement {
		var principal struct{ Service oneOrMore }
		_ = json.Unmarshal(statement.Principal, &principal)
		if statement.Effect == "Allow" && slices.Contains(principal.Service, "pods.eks.amazonaws.com") {
			for _, action := range statement.Action {
				allowed[strings.ToLower(action)] = true
			}
		}
	}
	return allowed["sts:assumerole"] && allowed["sts:tagsession"] || allowed["sts:*"]
}
