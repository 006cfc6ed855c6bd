package main

import (
	"context"
	"fmt"

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

// library answers with Kubernetes' code in this process.
type library struct {
	authorizer authorizer.Authorizer
	rbac       *rbac.RBACAuthorizer
	resolver   validation.AuthorizationRuleResolver
}

func newLibrary(p policy) *library {
	resolver, static := validation.NewTestRuleResolver(p.Roles, p.RoleBindings, p.ClusterRoles, p.ClusterRoleBindings)
	// The order of kube-apiserver (pkg/kubeapiserver/authorizer/config.go).
	masters := authorizerfactory.NewPrivilegedGroups(user.SystemPrivilegedGroup)
	byRole := rbac.New(static, static, static, static)
	return &library{authorizer: union.New(masters, byRole), rbac: byRole, resolver: resolver}
}

func (l *library) adopt(_ context.Context, p policy) (any, error) {
	*l = *newLibrary(p)
	return nil, nil
}

func (l *library) answer(ctx context.Context, q question) (any, error) {
	switch {
	case q.Authorize != nil:
		// An error means a binding to a role that isn't there; it decides nothing.
		decision, _, _ := l.authorizer.Authorize(ctx, q.Authorize.record())
		return decision == authorizer.DecisionAllow, nil
	case q.Covers != nil:
		_, uncovered := covering.Covers(q.Covers.Held, q.Covers.Wanted)
		if uncovered == nil {
			uncovered = []rbacv1.PolicyRule{}
		}
		return uncovered, nil
	case q.Escalate != nil:
		ctx := request.WithNamespace(request.WithUser(ctx, q.Escalate.info()), q.Escalate.Namespace)
		return validation.ConfirmNoEscalation(ctx, l.resolver, q.Escalate.Rules) == nil, nil
	case q.Rules != nil:
		return l.rulesFor(ctx, *q.Rules), nil
	}
	return nil, fmt.Errorf("nothing that can be answered without a server is asked")
}

// rulesFor is what a SelfSubjectRulesReview shows.
func (l *library) rulesFor(ctx context.Context, q rules) []rbacv1.PolicyRule {
	// An error means a binding to a role that isn't there.
	resources, paths, _, _ := l.rbac.RulesFor(ctx, q.info(), q.Namespace)
	held := []rbacv1.PolicyRule{}
	for _, rule := range resources {
		held = append(held, rbacv1.PolicyRule{
			Verbs: rule.GetVerbs(), APIGroups: rule.GetAPIGroups(), Resources: rule.GetResources(), ResourceNames: rule.GetResourceNames(),
		})
	}
	for _, rule := range paths {
		held = append(held, rbacv1.PolicyRule{Verbs: rule.GetVerbs(), NonResourceURLs: rule.GetNonResourceURLs()})
	}
	return held
}

func (i identity) info() user.Info {
	return &user.DefaultInfo{Name: i.User, Groups: i.Groups}
}

func (a attribute) record() authorizer.AttributesRecord {
	return authorizer.AttributesRecord{
		User: a.info(), Verb: a.Verb, Namespace: a.Namespace, APIGroup: a.Group, APIVersion: "v1",
		Resource: a.Resource, Subresource: a.Subresource, Name: a.Name, ResourceRequest: a.Path == "", Path: a.Path,
	}
}
