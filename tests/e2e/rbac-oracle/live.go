package main

import (
	"context"
	"encoding/json"
	"fmt"

	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// live answers by asking an API server.
type live struct {
	config *rest.Config
	client kubernetes.Interface
	// adopted are the objects of the current policy, and generation counts the policies.
	adopted    []object
	generation int
	// namespaces are those that are known to be there.
	namespaces map[string]bool
}

func newLive(kubeconfig string) (*live, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, err
	}
	config.QPS = -1
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	return &live{config: config, client: client, namespaces: map[string]bool{}}, nil
}

func (l *live) answer(ctx context.Context, q question) (any, error) {
	switch {
	case q.All != nil:
		answers := make([]any, len(q.All))
		return answers, concurrently(len(q.All), func(i int) (err error) {
			answers[i], err = l.answer(ctx, q.All[i])
			return err
		})
	case q.Authorize != nil:
		return l.authorize(ctx, *q.Authorize)
	case q.Rules != nil:
		return l.rulesFor(ctx, *q.Rules)
	case q.Write != nil:
		return l.write(ctx, *q.Write)
	case q.Objects != nil:
		return l.objects(ctx)
	}
	return nil, fmt.Errorf("nothing that a server can be asked is asked")
}

func (l *live) authorize(ctx context.Context, a attribute) (bool, error) {
	review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{User: a.User, Groups: a.Groups}}
	if a.Path != "" {
		review.Spec.NonResourceAttributes = &authorizationv1.NonResourceAttributes{Verb: a.Verb, Path: a.Path}
	} else {
		review.Spec.ResourceAttributes = &authorizationv1.ResourceAttributes{
			Verb: a.Verb, Group: a.Group, Version: "v1", Resource: a.Resource, Subresource: a.Subresource, Namespace: a.Namespace,
			Name: a.Name,
		}
	}
	answer, err := l.client.AuthorizationV1().SubjectAccessReviews().Create(ctx, review, metav1.CreateOptions{})
	if err != nil {
		return false, err
	}
	return answer.Status.Allowed, nil
}

// rulesFor asks in the name of somebody, since there is no other review that lists rules.
func (l *live) rulesFor(ctx context.Context, q rules) ([]rbacv1.PolicyRule, error) {
	client, err := kubernetes.NewForConfig(l.as(q.identity))
	if err != nil {
		return nil, err
	}
	review := &authorizationv1.SelfSubjectRulesReview{Spec: authorizationv1.SelfSubjectRulesReviewSpec{Namespace: q.Namespace}}
	answer, err := client.AuthorizationV1().SelfSubjectRulesReviews().Create(ctx, review, metav1.CreateOptions{})
	if err != nil {
		return nil, err
	}
	held := []rbacv1.PolicyRule{}
	for _, rule := range answer.Status.ResourceRules {
		held = append(held, rbacv1.PolicyRule{
			Verbs: rule.Verbs, APIGroups: rule.APIGroups, Resources: rule.Resources, ResourceNames: rule.ResourceNames,
		})
	}
	for _, rule := range answer.Status.NonResourceRules {
		held = append(held, rbacv1.PolicyRule{Verbs: rule.Verbs, NonResourceURLs: rule.NonResourceURLs})
	}
	return held, nil
}

// as is the configuration for requests in the name of somebody. The server adds groups to those that are named
// (apiserver/pkg/endpoints/filters/impersonation): who asks names them already.
func (l *live) as(i identity) *rest.Config {
	config := rest.CopyConfig(l.config)
	config.Impersonate = rest.ImpersonationConfig{UserName: i.User, Groups: i.Groups}
	return config
}

// objects are all that the server has, those of Kubernetes included.
func (l *live) objects(ctx context.Context) (json.RawMessage, error) {
	lists := map[string]json.RawMessage{}
	for field, resource := range map[string]string{
		"roles": "roles", "clusterRoles": "clusterroles", "roleBindings": "rolebindings", "clusterRoleBindings": "clusterrolebindings",
	} {
		body, err := l.client.RbacV1().RESTClient().Get().Resource(resource).DoRaw(ctx)
		if err != nil {
			return nil, err
		}
		var list struct {
			Items json.RawMessage `json:"items"`
		}
		if err := json.Unmarshal(body, &list); err != nil {
			return nil, err
		}
		lists[field] = list.Items
	}
	return json.Marshal(lists)
}

// atOnce is how many requests are under way at a time.
const atOnce = 8

// concurrently calls a function for 0..n; an error of one is the error of all.
func concurrently(n int, call func(int) error) error {
	next, errs := make(chan int), make(chan error, atOnce)
	for range atOnce {
		go func() {
			var first error
			for i := range next {
				if first == nil {
					first = call(i)
				}
			}
			errs <- first
		}()
	}
	for i := range n {
		next <- i
	}
	close(next)
	var failed error
	for range atOnce {
		if err := <-errs; err != nil {
			failed = err
		}
	}
	return failed
}
