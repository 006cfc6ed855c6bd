package main

import (
	"net/http"
	"slices"
	"strings"
)

const entrySource = "Amazon EKS User Guide, \"Create access entries\" (creating-access-entries)"

// accessEntryRules: the server takes any principal, group and user name.
var accessEntryRules = []rule{
	{
		service: "eks", actions: []string{"CreateAccessEntry", "AssociateAccessPolicy"},
		what: "a cluster has access entries only with the authentication mode API or API_AND_CONFIG_MAP", source: modeSource,
		refuse: func(f *front, call *call) error {
			mode, err := f.authenticationMode(call)
			if err == nil && mode == "CONFIG_MAP" {
				return refused(http.StatusBadRequest, "InvalidRequestException",
					"The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform this operation.")
			}
			return err
		},
	},
	{
		service: "eks", actions: []string{"CreateAccessEntry"},
		what:   "the principal is an IAM role or user that exists, no session and no service-linked role, and for nodes a role of the cluster's account",
		source: entrySource + "; the messages: terraform-aws-eks#2969, terraform-provider-aws#36447",
		refuse: refusePrincipal,
	},
	{
		service: "eks", actions: []string{"CreateAccessEntry", "UpdateAccessEntry"},
		what:   "a group's name doesn't start with `system:`",
		source: entrySource + "; the message: terraform-aws-eks#2915",
		refuse: func(_ *front, call *call) error {
			for _, group := range call.texts("kubernetesGroups") {
				if strings.HasPrefix(group, "system:") {
					return invalidParameter("The kubernetes group name %s is invalid, it cannot start with system:", group)
				}
			}
			return nil
		},
	},
	{
		service: "eks", actions: []string{"CreateAccessEntry", "UpdateAccessEntry"},
		what:   "a user name starts with none of `system:`, `eks:`, `aws:`, `amazon:`, `iam:`, and has a colon before {{SessionName}}",
		source: entrySource + "; the messages are ours",
		refuse: refuseUserName,
	},
	{
		service: "eks", actions: []string{"CreateAccessEntry"},
		what:   "an access entry of nodes has neither groups nor a user name of its own",
		source: "botocore's model of eks: CreateAccessEntryRequest.type; the message is ours",
		refuse: func(_ *front, call *call) error {
			if !isStandard(call) && (len(call.texts("kubernetesGroups")) > 0 || call.text("username") != "") {
				return invalidParameter("kubernetesGroups and username can't be specified for the type %s", call.text("type"))
			}
			return nil
		},
	},
	{
		service: "eks", actions: []string{"CreateAccessEntry", "DescribeAccessEntry", "UpdateAccessEntry"},
		what: "the user name, and the groups of nodes, that EKS gives where none is specified", source: entrySource,
		complete: completeObject(func(_ *front, _ *call, body map[string]any) error {
			entry, _ := body["accessEntry"].(map[string]any)
			if entry["username"] == "" {
				entry["username"] = defaultUserName(entry)
			}
			if kind, _ := entry["type"].(string); strings.HasPrefix(kind, "EC2_") {
				entry["kubernetesGroups"] = []any{"system:nodes"}
			}
			return nil
		}),
	},
}

func isStandard(call *call) bool {
	return slices.Contains([]string{"", "STANDARD"}, call.text("type"))
}

func refusePrincipal(f *front, call *call) error {
	principal, ok := parsePrincipal(call.text("principalArn"))
	switch {
	case !ok || principal.kind == "root":
		return invalidParameter("The principalArn parameter format is not valid")
	case principal.serviceLinked():
		return invalidParameter("The caller is not allowed to modify access entries with a principalArn value of a Service Linked Role")
	case !isStandard(call) && (principal.kind != "role" || principal.account != call.account):
		return invalidParameter("The specified principalArn is invalid: invalid principal.")
	}
	exists, err := f.exists(principal)
	if err == nil && !exists {
		return invalidParameter("The specified principalArn is invalid: invalid principal.")
	}
	return err
}

func refuseUserName(_ *front, call *call) error {
	name := call.text("username")
	for _, prefix := range []string{"system:", "eks:", "aws:", "amazon:", "iam:"} {
		if strings.HasPrefix(name, prefix) {
			return invalidParameter("The username %s is invalid, it cannot start with %s", name, prefix)
		}
	}
	if before, _, found := strings.Cut(name, "{{SessionName"); found && !strings.Contains(before, ":") {
		return invalidParameter("The username %s is invalid, it must have a colon before {{SessionName}}", name)
	}
	return nil
}

func defaultUserName(entry map[string]any) string {
	arn, _ := entry["principalArn"].(string)
	kind, _ := entry["type"].(string)
	principal, _ := parsePrincipal(arn)
	switch {
	case kind == "EC2" || strings.HasPrefix(kind, "EC2_"):
		return "system:node:{{EC2PrivateDNSName}}"
	case kind != "STANDARD":
		return "system:node:{{SessionName}}"
	case principal.kind == "role":
		// Without its path.
		return "arn:aws:sts::" + principal.account + ":assumed-role/" + principal.name + "/{{SessionName}}"
	default:
		return arn
	}
}
