package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// trustPolicyRules: the server stores whatever text a trust policy is.
var trustPolicyRules = []rule{{
	service: "iam", actions: []string{"CreateRole", "UpdateAssumeRolePolicy"},
	what: "a trust policy is a policy document with principals and without resources, and its principals exist",
	source: "IAM User Guide, \"IAM JSON policy elements: Principal\" and \"Grammar of the IAM JSON policy language\"; the messages: " +
		"terraform-provider-aws#8905, terraform-aws-eks-pod-identity#34, cfn-lint#4287",
	refuse: func(f *front, call *call) error {
		document := call.text("AssumeRolePolicyDocument") + call.text("PolicyDocument")
		principals, err := trustedPrincipals(document)
		if err != nil {
			return err
		}
		for _, name := range principals {
			if name == "*" {
				continue
			}
			principal, ok := parsePrincipal(name)
			if !ok && !isOtherPrincipal(name) {
				return invalidPrincipal(name)
			}
			if !ok {
				continue
			}
			if exists, err := f.exists(principal); err != nil || !exists {
				return firstError(err, invalidPrincipal(name))
			}
		}
		return nil
	},
}}

type trustStatement struct {
	Effect       string
	Principal    json.RawMessage
	NotPrincipal json.RawMessage
	Action       oneOrMore
	NotAction    oneOrMore
	Resource     json.RawMessage
	NotResource  json.RawMessage
}

// oneOrMore is a string, or a list of them: IAM's grammar allows both nearly everywhere.
type oneOrMore []string

func (o *oneOrMore) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*o = oneOrMore{one}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(o))
}

// statements is a statement, or a list of them.
type statements []trustStatement

func (s *statements) UnmarshalJSON(text []byte) error {
	var one trustStatement
	if json.Unmarshal(text, &one) == nil {
		*s = statements{one}
		return nil
	}
	return json.Unmarshal(text, (*[]trustStatement)(s))
}

// trustedPrincipals reads a trust policy; the AWS principals in it.
func trustedPrincipals(document string) ([]string, error) {
	if !json.Valid([]byte(document)) {
		return nil, malformed("This policy contains invalid Json")
	}
	var policy struct {
		Version   string
		Statement statements
	}
	if err := json.Unmarshal([]byte(document), &policy); err != nil || len(policy.Statement) == 0 {
		return nil, malformed("Syntax errors in policy.")
	}
	if !slices.Contains([]string{"", "2008-10-17", "2012-10-17"}, policy.Version) {
		return nil, malformed("The policy must contain a valid version string")
	}
	var principals []string
	for _, statement := range policy.Statement {
		named, err := statement.principals()
		if err != nil {
			return nil, err
		}
		principals = append(principals, named...)
	}
	return principals, nil
}

func (s trustStatement) principals() ([]string, error) {
	switch {
	case s.Effect != "Allow" && s.Effect != "Deny":
		return nil, malformed("Missing required field Effect")
	case s.Action == nil && s.NotAction == nil:
		return nil, malformed("Missing required field Action")
	case s.Resource != nil || s.NotResource != nil:
		return nil, malformed("Has prohibited field Resource")
	case s.Principal == nil && s.NotPrincipal == nil:
		return nil, malformed("Missing required field Principal")
	}
	for _, action := range s.Action {
		if !strings.HasPrefix(strings.ToLower(action), "sts:") && action != "*" {
			return nil, malformed("AssumeRole policy may only specify STS AssumeRole actions.")
		}
	}
	var everybody string
	if json.Unmarshal(s.Principal, &everybody) == nil && everybody == "*" {
		return nil, nil
	}
	var kinds map[string]oneOrMore
	if err := json.Unmarshal(slices.Concat(s.Principal, s.NotPrincipal), &kinds); err != nil || len(kinds) == 0 {
		return nil, malformed("Syntax errors in policy.")
	}
	for kind := range kinds {
		if !slices.Contains([]string{"AWS", "Service", "Federated", "CanonicalUser"}, kind) {
			return nil, malformed("Invalid principal in policy: %q", kind)
		}
	}
	return kinds["AWS"], nil
}

// isOtherPrincipal is true of principals that exist only for a while, or are ids: whether they do, the server can't say.
func isOtherPrincipal(name string) bool {
	session := strings.Contains(name, ":assumed-role/") || strings.Contains(name, ":federated-user/")
	return session || strings.HasPrefix(name, "AROA") || strings.HasPrefix(name, "AIDA")
}

func invalidPrincipal(name string) error {
	return malformed("Invalid principal in policy: %q:%q", "AWS", name)
}

func malformed(message string, arguments ...any) error {
	return refused(http.StatusBadRequest, "MalformedPolicyDocument", "%s", fmt.Sprintf(message, arguments...))
}

// firstError is the first that is one.
func firstError(errors ...error) error {
	for _, err := range errors {
		if err != nil {
			return err
		}
	}
	return nil
}
