// rbac-oracle answers, one JSON line for each, the questions that Oarlock's `rbac` crate answers too, with Kubernetes'
// own authorizer, rule resolver and escalation check.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/apiserver/pkg/authorization/authorizerfactory"
	"k8s.io/apiserver/pkg/authorization/union"
	"k8s.io/apiserver/pkg/endpoints/request"
	covering "k8s.io/component-helpers/auth/rbac/validation"
	"k8s.io/kubernetes/pkg/registry/rbac/validation"
	"k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac"
)

// question is one line of input: exactly one field is set.
type question struct {
	Policy    *policy    `json:"policy"`
	Authorize *attribute `json:"authorize"`
	Covers    *covers    `json:"covers"`
	Escalate  *escalate  `json:"escalate"`
}

// policy takes the place of the one before; nothing is answered.
type policy struct {
	Roles               []*rbacv1.Role               `json:"roles"`
	ClusterRoles        []*rbacv1.ClusterRole        `json:"clusterRoles"`
	RoleBindings        []*rbacv1.RoleBinding        `json:"roleBindings"`
	ClusterRoleBindings []*rbacv1.ClusterRoleBinding `json:"clusterRoleBindings"`
}

type identity struct {
	User   string   `json:"user"`
	Groups []string `json:"groups"`
}

func (i identity) info() user.Info {
	return &user.DefaultInfo{Name: i.User, Groups: i.Groups}
}

// attribute is one request; with a path it is about no resource.
type attribute struct {
	identity
	Verb        string `json:"verb"`
	Group       string `json:"group"`
	Resource    string `json:"resource"`
	Subresource string `json:"subresource"`
	Namespace   string `json:"namespace"`
	Name        string `json:"name"`
	Path        string `json:"path"`
}

func (a attribute) record() authorizer.AttributesRecord {
	return authorizer.AttributesRecord{
		User: a.info(), Verb: a.Verb, Namespace: a.Namespace, APIGroup: a.Group, APIVersion: "v1",
		Resource: a.Resource, Subresource: a.Subresource, Name: a.Name, ResourceRequest: a.Path == "", Path: a.Path,
	}
}

type covers struct {
	Held   []rbacv1.PolicyRule `json:"held"`
	Wanted []rbacv1.PolicyRule `json:"wanted"`
}

// escalate asks whether somebody may hand out rules in a namespace, or at cluster scope.
type escalate struct {
	identity
	Namespace string              `json:"namespace"`
	Rules     []rbacv1.PolicyRule `json:"rules"`
}

// server holds the policy that the questions are about.
type server struct {
	authorizer authorizer.Authorizer
	resolver   validation.AuthorizationRuleResolver
}

func newServer(p policy) server {
	resolver, static := validation.NewTestRuleResolver(p.Roles, p.RoleBindings, p.ClusterRoles, p.ClusterRoleBindings)
	// The order of kube-apiserver (pkg/kubeapiserver/authorizer/config.go).
	masters := authorizerfactory.NewPrivilegedGroups(user.SystemPrivilegedGroup)
	return server{authorizer: union.New(masters, rbac.New(static, static, static, static)), resolver: resolver}
}

func (s server) answer(q question) (any, error) {
	switch {
	case q.Authorize != nil:
		// An error means a binding to a role that isn't there; it decides nothing.
		decision, _, _ := s.authorizer.Authorize(context.Background(), q.Authorize.record())
		return decision == authorizer.DecisionAllow, nil
	case q.Covers != nil:
		_, uncovered := covering.Covers(q.Covers.Held, q.Covers.Wanted)
		if uncovered == nil {
			uncovered = []rbacv1.PolicyRule{}
		}
		return uncovered, nil
	case q.Escalate != nil:
		ctx := request.WithNamespace(request.WithUser(context.Background(), q.Escalate.info()), q.Escalate.Namespace)
		return validation.ConfirmNoEscalation(ctx, s.resolver, q.Escalate.Rules) == nil, nil
	}
	return nil, fmt.Errorf("a line asks nothing")
}

func run() error {
	input := bufio.NewScanner(os.Stdin)
	input.Buffer(make([]byte, 1<<20), 1<<26)
	output := bufio.NewWriter(os.Stdout)
	defer output.Flush()
	encoder := json.NewEncoder(output)
	current := newServer(policy{})
	for input.Scan() {
		var q question
		if err := json.Unmarshal(input.Bytes(), &q); err != nil {
			return fmt.Errorf("%w in %s", err, input.Bytes())
		}
		if q.Policy != nil {
			current = newServer(*q.Policy)
			continue
		}
		answer, err := current.answer(q)
		if err != nil {
			return err
		}
		if err := encoder.Encode(answer); err != nil {
			return err
		}
	}
	return input.Err()
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "rbac-oracle:", err)
		os.Exit(1)
	}
}
