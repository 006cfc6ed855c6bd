package main

import (
	"regexp"
	"strings"
)

// principal is an IAM principal's ARN, taken apart.
type principal struct {
	arn, account string
	// kind is `role`, `user` or `root`.
	kind string
	// path with its slashes, name without.
	path, name string
}

var principalARN = regexp.MustCompile(`^arn:aws[a-z-]*:iam::([0-9]{12}):(role|user)(/(?:[^*?]+/)?)([\w+=,.@-]+)$`)

var rootARN = regexp.MustCompile(`^(?:arn:aws[a-z-]*:iam::)?([0-9]{12})(?::root)?$`)

// parsePrincipal reads the ARN of a role, a user or an account, or the bare id of an account.
func parsePrincipal(arn string) (principal, bool) {
	if match := principalARN.FindStringSubmatch(arn); match != nil {
		return principal{arn: arn, account: match[1], kind: match[2], path: match[3], name: match[4]}, true
	}
	if match := rootARN.FindStringSubmatch(arn); match != nil {
		return principal{arn: arn, account: match[1], kind: "root"}, true
	}
	return principal{}, false
}

// exists asks the server: in whichever account it is, under the very path.
func (f *front) exists(p principal) (bool, error) {
	action, parameter := "GetRole", "RoleName"
	switch p.kind {
	case "root":
		// IAM finds accounts by their id; the server makes one for whoever calls.
		return true, nil
	case "user":
		action, parameter = "GetUser", "UserName"
	}
	reply, err := f.askIAM(p.account, action, parameter, p.name)
	if err != nil {
		return false, err
	}
	return reply.ok() && strings.Contains(string(reply.body), "<Arn>"+p.arn+"</Arn>"), nil
}

// serviceLinked is true of the roles that AWS services make for themselves ("Service-linked roles", IAM User Guide).
func (p principal) serviceLinked() bool {
	return p.kind == "role" && strings.HasPrefix(p.path, "/aws-service-role/")
}
