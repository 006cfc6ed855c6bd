package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/rest"
)

// object is one RBAC object as the server takes it.
type object struct {
	resource, namespace, name string
	body                      []byte
}

// adopted is what became of a policy.
type adopted struct {
	// Refused counts the objects that the server's validation refuses, or whose names are Kubernetes' own.
	Refused int             `json:"refused"`
	Objects json.RawMessage `json:"objects"`
}

// adopt makes a policy the server's, beside Kubernetes' own objects, and waits until the server's authorizer has seen it.
func (l *live) adopt(ctx context.Context, p policy) (any, error) {
	rbac := l.client.RbacV1().RESTClient()
	err := concurrently(len(l.adopted), func(i int) error {
		return l.adopted[i].addressed(rbac.Delete()).Do(ctx).Error()
	})
	if err != nil {
		return nil, err
	}
	l.generation++
	wanted, err := p.all()
	if err != nil {
		return nil, err
	}
	created, err := l.create(ctx, wanted)
	if err != nil {
		return nil, err
	}
	l.adopted = created
	if err := l.caughtUp(ctx); err != nil {
		return nil, err
	}
	objects, err := l.objects(ctx)
	return adopted{Refused: len(wanted) - len(created), Objects: objects}, err
}

// create creates what the server accepts.
func (l *live) create(ctx context.Context, wanted []object) ([]object, error) {
	if err := l.ensureNamespaces(ctx, wanted); err != nil {
		return nil, err
	}
	accepted := make([]bool, len(wanted))
	err := concurrently(len(wanted), func(i int) error {
		post := l.client.RbacV1().RESTClient().Post().Resource(wanted[i].resource)
		err := post.NamespaceIfScoped(wanted[i].namespace, wanted[i].namespace != "").Body(wanted[i].body).Do(ctx).Error()
		if apierrors.IsInvalid(err) || apierrors.IsAlreadyExists(err) {
			return nil
		}
		accepted[i] = err == nil
		return err
	})
	var created []object
	for i, object := range wanted {
		if accepted[i] {
			created = append(created, object)
		}
	}
	return created, err
}

func (l *live) ensureNamespaces(ctx context.Context, objects []object) error {
	for _, object := range objects {
		if object.namespace == "" || l.namespaces[object.namespace] {
			continue
		}
		namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: object.namespace}}
		_, err := l.client.CoreV1().Namespaces().Create(ctx, namespace, metav1.CreateOptions{})
		if err != nil && !apierrors.IsAlreadyExists(err) {
			return err
		}
		l.namespaces[object.namespace] = true
	}
	return nil
}

// caughtUp waits until the authorizer knows the latest object of each of the four resources that it watches: their events
// come in the order of the writes, so it then knows all before them.
func (l *live) caughtUp(ctx context.Context) error {
	marker := newMarker(l.generation)
	objects, err := marker.all()
	if err != nil {
		return err
	}
	created, err := l.create(ctx, objects)
	if err != nil {
		return err
	}
	l.adopted = append(l.adopted, created...)
	verb := marker.ClusterRoles[0].Rules[0].Verbs[0]
	asked := attribute{identity: identity{User: markerUser}, Verb: verb, Group: "e2e.oarlock.dev", Resource: "markers"}
	inNamespace := asked
	inNamespace.Verb, inNamespace.Namespace = marker.Roles[0].Rules[0].Verbs[0], metav1.NamespaceDefault
	return wait.PollUntilContextTimeout(ctx, 5*time.Millisecond, time.Minute, true, func(ctx context.Context) (bool, error) {
		for _, asked := range []attribute{asked, inNamespace} {
			if allowed, err := l.authorize(ctx, asked); err != nil || !allowed {
				return false, err
			}
		}
		return true, nil
	})
}

const markerUser = "oarlock:e2e:marker"

// newMarker is a policy of one object of each kind, unlike those before.
func newMarker(generation int) policy {
	name := fmt.Sprintf("marker-%d", generation)
	meta := metav1.ObjectMeta{Name: name}
	namespaced := metav1.ObjectMeta{Name: name, Namespace: metav1.NamespaceDefault}
	subjects := []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: markerUser}}
	role := func(kind string) rbacv1.RoleRef {
		return rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: kind, Name: name}
	}
	rules := func(scope string) []rbacv1.PolicyRule {
		verb := fmt.Sprintf("see-%s-%d", scope, generation)
		return []rbacv1.PolicyRule{{Verbs: []string{verb}, APIGroups: []string{"e2e.oarlock.dev"}, Resources: []string{"markers"}}}
	}
	return policy{
		Roles:               []*rbacv1.Role{{ObjectMeta: namespaced, Rules: rules("namespace")}},
		ClusterRoles:        []*rbacv1.ClusterRole{{ObjectMeta: meta, Rules: rules("cluster")}},
		RoleBindings:        []*rbacv1.RoleBinding{{ObjectMeta: namespaced, RoleRef: role("Role"), Subjects: subjects}},
		ClusterRoleBindings: []*rbacv1.ClusterRoleBinding{{ObjectMeta: meta, RoleRef: role("ClusterRole"), Subjects: subjects}},
	}
}

// all are a policy's objects as the server takes them.
func (p policy) all() ([]object, error) {
	var objects []object
	add := func(kind string, meta metav1.ObjectMeta, value any) error {
		body, err := json.Marshal(value)
		objects = append(objects, object{strings.ToLower(kind) + "s", meta.Namespace, meta.Name, body})
		return err
	}
	for _, role := range p.Roles {
		if err := add("Role", role.ObjectMeta, role); err != nil {
			return nil, err
		}
	}
	for _, role := range p.ClusterRoles {
		if err := add("ClusterRole", role.ObjectMeta, role); err != nil {
			return nil, err
		}
	}
	for _, binding := range p.RoleBindings {
		if err := add("RoleBinding", binding.ObjectMeta, binding); err != nil {
			return nil, err
		}
	}
	for _, binding := range p.ClusterRoleBindings {
		if err := add("ClusterRoleBinding", binding.ObjectMeta, binding); err != nil {
			return nil, err
		}
	}
	return objects, nil
}

func (o object) addressed(r *rest.Request) *rest.Request {
	return r.Resource(o.resource).NamespaceIfScoped(o.namespace, o.namespace != "").Name(o.name)
}
