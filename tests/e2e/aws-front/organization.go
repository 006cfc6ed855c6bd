package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// organization is a folder with what `aws organizations` prints of one, in files as examples/collect-inventory.sh names them. It is read at
// each call; where it is empty there is no organisation, and the server is asked.
type organization struct {
	folder string
}

const denySource = "IAM User Guide, \"Troubleshoot access denied error messages\" and \"Policy evaluation logic\"; " +
	"Organizations User Guide, \"Service control policies\": the management account isn't bound"

// answers are the files' names, by action.
var answers = map[string]func(*call) string{
	"DescribeOrganization": func(*call) string { return "describe-organization" },
	"ListRoots":            func(*call) string { return "list-roots" },
	"ListParents":          func(c *call) string { return "list-parents-" + c.text("ChildId") },
	"ListPolicies":         func(c *call) string { return "list-policies-" + c.text("Filter") },
	"DescribePolicy":       func(c *call) string { return "describe-policy-" + c.text("PolicyId") },
	"ListTargetsForPolicy": func(c *call) string { return "list-targets-for-policy-" + c.text("PolicyId") },
}

// organizationRules: the server's organisation has one account, and its policies bind nobody.
var organizationRules = []rule{
	{
		service: "organizations",
		actions: []string{"DescribeOrganization", "ListRoots", "ListParents", "ListPolicies", "DescribePolicy", "ListTargetsForPolicy"},
		what:    "the organisation is what the test has in files, told to every account that asks",
		source:  "AWS CLI Reference, organizations: the output of each command",
		answer: func(f *front, call *call) (*reply, error) {
			if !f.organization.is() {
				return nil, nil
			}
			answer := map[string]any{}
			if err := f.organization.read(answers[call.action](call), &answer); err != nil {
				return nil, refused(http.StatusBadRequest, "InvalidInputException", "%s", err)
			}
			return jsonReply(answer)
		},
	},
	{
		service: "sts", actions: []string{"AssumeRole"},
		what:   "service control policies along the caller's account deny it; other statements than a Deny of actions on resources, perhaps except by aws:PrincipalArn (ArnNotLike), are an error",
		source: denySource,
		refuse: func(f *front, call *call) error {
			caller := f.state.session(call.accessKey)
			if caller == "" {
				caller = "arn:aws:iam::" + call.account + ":root"
			}
			attempt := attempt{account: call.account, principal: principalOf(caller), action: "sts:AssumeRole", resource: call.text("RoleArn")}
			denies, err := f.organization.denies(attempt)
			if err != nil || !denies {
				return err
			}
			return refused(http.StatusForbidden, "AccessDenied",
				"User: %s is not authorized to perform: sts:AssumeRole on resource: %s with an explicit deny in a service control policy",
				caller, call.text("RoleArn"))
		},
	},
}

// is says whether there is an organisation.
func (o organization) is() bool {
	if o.folder == "" {
		return false
	}
	_, err := os.Stat(filepath.Join(o.folder, "describe-organization.json"))
	return err == nil
}

func (o organization) read(name string, into any) error {
	text, err := os.ReadFile(filepath.Join(o.folder, name+".json"))
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

// attempt is what a policy may deny: somebody of an account does something to something.
type attempt struct {
	account, principal, action, resource string
}

// principalOf is aws:PrincipalArn of a caller: of a session the role (its path isn't known here), else the caller.
func principalOf(caller string) string {
	parts := strings.Split(caller, "/")
	if before, found := strings.CutSuffix(parts[0], ":assumed-role"); found && len(parts) == 3 {
		return strings.Replace(before, ":sts:", ":iam:", 1) + ":role/" + parts[1]
	}
	return caller
}

// denies says whether a policy along the account does, from the account up to the root.
func (o organization) denies(attempt attempt) (bool, error) {
	if !o.is() {
		return false, nil
	}
	var described struct {
		Organization struct{ MasterAccountId string }
	}
	if err := o.read("describe-organization", &described); err != nil || described.Organization.MasterAccountId == attempt.account {
		return false, err
	}
	path, err := o.path(attempt.account)
	if err != nil {
		return false, err
	}
	var listed struct{ Policies []struct{ Id string } }
	if err := o.read("list-policies-SERVICE_CONTROL_POLICY", &listed); err != nil {
		return false, err
	}
	for _, policy := range listed.Policies {
		var attached struct{ Targets []struct{ TargetId string } }
		if err := o.read("list-targets-for-policy-"+policy.Id, &attached); err != nil {
			return false, err
		}
		for _, target := range attached.Targets {
			if !slices.Contains(path, target.TargetId) {
				continue
			}
			if denies, err := o.policyDenies(policy.Id, attempt); denies || err != nil {
				return denies, err
			}
		}
	}
	return false, nil
}

// path of an account: itself, the units that it is in, the root. An account that is in none isn't bound.
func (o organization) path(id string) ([]string, error) {
	path := []string{id}
	for !strings.HasPrefix(id, "r-") {
		var above struct{ Parents []struct{ Id string } }
		err := o.read("list-parents-"+id, &above)
		if errors.Is(err, fs.ErrNotExist) && len(path) == 1 {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		if len(above.Parents) != 1 || slices.Contains(path, above.Parents[0].Id) {
			return nil, fmt.Errorf("%s isn't in one unit or root", id)
		}
		id = above.Parents[0].Id
		path = append(path, id)
	}
	return path, nil
}

// statement is what of a service control policy is enforced here.
type statement struct {
	Sid, Effect      string
	Action, Resource oneOrMore
	Condition        map[string]map[string]oneOrMore
}

// excepts says whether the condition takes a principal out: a Deny with ArnNotLike is for those alone that none of the patterns is like.
func (s statement) excepts(principal string) (bool, error) {
	for operator, keys := range s.Condition {
		for key, patterns := range keys {
			if operator != "ArnNotLike" || !strings.EqualFold(key, "aws:PrincipalArn") {
				return false, fmt.Errorf("%s of %s isn't enforced here", operator, key)
			}
			if patterns.match(principal) {
				return true, nil
			}
		}
	}
	return false, nil
}

// match says whether one of them, a pattern with `*` and `?`, is a text.
func (o oneOrMore) match(text string) bool {
	return slices.ContainsFunc(o, func(pattern string) bool { return wildcard(strings.ToLower(pattern), strings.ToLower(text)) })
}

func wildcard(pattern, text string) bool {
	switch {
	case pattern == "":
		return text == ""
	case pattern[0] == '*':
		return wildcard(pattern[1:], text) || text != "" && wildcard(pattern, text[1:])
	default:
		return text != "" && (pattern[0] == '?' || pattern[0] == text[0]) && wildcard(pattern[1:], text[1:])
	}
}

func (o organization) policyDenies(id string, attempt attempt) (bool, error) {
	var described struct{ Policy struct{ Content string } }
	if err := o.read("describe-policy-"+id, &described); err != nil {
		return false, err
	}
	var document struct{ Statement []json.RawMessage }
	if err := json.Unmarshal([]byte(described.Policy.Content), &document); err != nil {
		return false, fmt.Errorf("policy %s: %w", id, err)
	}
	for _, text := range document.Statement {
		var own statement
		decoder := json.NewDecoder(strings.NewReader(string(text)))
		// What isn't enforced must not pass for enforced.
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&own); err != nil {
			return false, fmt.Errorf("policy %s isn't one that is enforced here: %w", id, err)
		}
		switch {
		case own.Effect == "Allow" && own.Condition == nil && own.Action.match("any:thing") && own.Resource.match("anything"):
		case own.Effect != "Deny":
			return false, fmt.Errorf("policy %s allows less than everything, which isn't enforced here", id)
		case own.Action.match(attempt.action) && own.Resource.match(attempt.resource):
			excepts, err := own.excepts(attempt.principal)
			if err != nil {
				return false, fmt.Errorf("policy %s: %w", id, err)
			}
			if !excepts {
				return true, nil
			}
		}
	}
	return false, nil
}
