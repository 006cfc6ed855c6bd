package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// write sends an object in the name of somebody, as a dry run: the server checks it like a write.
func (l *live) write(ctx context.Context, w write) (string, error) {
	var meta metav1.PartialObjectMetadata
	if err := json.Unmarshal(w.Object, &meta); err != nil {
		return "", err
	}
	client, err := kubernetes.NewForConfig(l.as(w.identity))
	if err != nil {
		return "", err
	}
	o := object{strings.ToLower(meta.Kind) + "s", meta.Namespace, meta.Name, w.Object}
	request, err := o.request(client.RbacV1().RESTClient(), w.Operation)
	if err != nil {
		return "", err
	}
	return outcome(request.Param("dryRun", metav1.DryRunAll).Do(ctx).Error())
}

func (o object) request(client rest.Interface, operation string) (*rest.Request, error) {
	switch operation {
	case "create":
		post := client.Post().Resource(o.resource).NamespaceIfScoped(o.namespace, o.namespace != "")
		return post.Body(o.body), nil
	case "update":
		return o.addressed(client.Put()).Body(o.body), nil
	case "patch":
		return o.addressed(client.Patch(types.MergePatchType)).Body(o.body), nil
	case "apply":
		apply := o.addressed(client.Patch(types.ApplyYAMLPatchType)).Param("fieldManager", "e2e").Param("force", "true")
		return apply.Body(o.body), nil
	}
	return nil, fmt.Errorf("no operation is called %q", operation)
}

// outcome tells the refusals of a write apart.
func outcome(err error) (string, error) {
	switch {
	case err == nil:
		return "allowed", nil
	// Validation, and whether the name is free, come after the escalation check
	// (pkg/registry/rbac/*/policybased/storage.go).
	case apierrors.IsInvalid(err), apierrors.IsAlreadyExists(err):
		return "allowed", nil
	case apierrors.IsNotFound(err):
		return "missing", nil
	case apierrors.IsForbidden(err):
		for _, refusal := range []string{
			"is attempting to grant RBAC permissions not currently held", "must have cluster-admin privileges to use the aggregationRule",
		} {
			if strings.Contains(err.Error(), refusal) {
				return "escalates", nil
			}
		}
		return "unauthorized", nil
	}
	return "", err
}
