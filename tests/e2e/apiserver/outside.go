package main

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"
)

// outside takes the places of those who are no part of Kubernetes, or need what isn't there: load balancers, metrics, operators.
// Each writes the status by which Argo CD knows that the object is well.
type outside struct {
	client    dynamic.Interface
	informers dynamicinformer.DynamicSharedInformerFactory
	mu        sync.Mutex
	followed  map[schema.GroupVersionResource]bool
}

var definitions = apiextensionsv1.SchemeGroupVersion.WithResource("customresourcedefinitions")

// statuses of Kubernetes' own kinds; custom resources all get the same.
var statuses = map[schema.GroupVersionResource]func(*unstructured.Unstructured) any{
	{Version: "v1", Resource: "services"}:                                       loadBalanced,
	{Group: "networking.k8s.io", Version: "v1", Resource: "ingresses"}:          loadBalancer,
	{Group: "autoscaling", Version: "v2", Resource: "horizontalpodautoscalers"}: autoscaled,
	{Group: "policy", Version: "v1", Resource: "poddisruptionbudgets"}:          budgeted,
}

func startOutside(ctx context.Context, config *rest.Config) error {
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return err
	}
	o := &outside{client: client, informers: dynamicinformer.NewDynamicSharedInformerFactory(client, 0),
		followed: map[schema.GroupVersionResource]bool{}}
	for resource, status := range statuses {
		if err := o.follow(ctx, resource, status); err != nil {
			return err
		}
	}
	_, err = o.informers.ForResource(definitions).Informer().AddEventHandler(handler(func(object *unstructured.Unstructured) {
		if err := o.define(ctx, object); err != nil {
			klog.ErrorS(err, "a definition isn't followed", "name", object.GetName())
		}
	}))
	o.informers.Start(ctx.Done())
	return err
}

// define follows the custom resources of a definition that has been established and has a status to write.
func (o *outside) define(ctx context.Context, object *unstructured.Unstructured) error {
	var definition apiextensionsv1.CustomResourceDefinition
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &definition); err != nil {
		return err
	}
	established := false
	for _, condition := range definition.Status.Conditions {
		established = established || condition.Type == apiextensionsv1.Established && condition.Status == apiextensionsv1.ConditionTrue
	}
	for _, version := range definition.Spec.Versions {
		if established && version.Storage && version.Subresources != nil && version.Subresources.Status != nil {
			resource := schema.GroupVersionResource{
				Group: definition.Spec.Group, Version: version.Name, Resource: definition.Spec.Names.Plural}
			if err := o.follow(ctx, resource, reconciled); err != nil {
				return err
			}
			o.informers.Start(ctx.Done())
		}
	}
	return nil
}

func (o *outside) follow(
	ctx context.Context, resource schema.GroupVersionResource, status func(*unstructured.Unstructured) any,
) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.followed[resource] {
		return nil
	}
	o.followed[resource] = true
	_, err := o.informers.ForResource(resource).Informer().AddEventHandler(handler(func(object *unstructured.Unstructured) {
		wanted := status(object)
		if wanted == nil {
			return
		}
		patch, _ := json.Marshal(map[string]any{"status": wanted})
		_, err := o.client.Resource(resource).Namespace(object.GetNamespace()).
			Patch(ctx, object.GetName(), types.MergePatchType, patch, metav1.PatchOptions{}, "status")
		if err != nil && !apierrors.IsNotFound(err) {
			klog.ErrorS(err, "a status isn't written", "resource", resource, "name", object.GetName())
		}
	}))
	return err
}

func handler(act func(*unstructured.Unstructured)) cache.ResourceEventHandlerFuncs {
	one := func(object any) {
		if object, ok := object.(*unstructured.Unstructured); ok {
			act(object)
		}
	}
	return cache.ResourceEventHandlerFuncs{AddFunc: one, UpdateFunc: func(_, object any) { one(object) }}
}

func loadBalanced(service *unstructured.Unstructured) any {
	if kind, _, _ := unstructured.NestedString(service.Object, "spec", "type"); kind != "LoadBalancer" {
		return nil
	}
	return loadBalancer(service)
}

func loadBalancer(object *unstructured.Unstructured) any {
	if _, known, _ := unstructured.NestedSlice(object.Object, "status", "loadBalancer", "ingress"); known {
		return nil
	}
	return map[string]any{"loadBalancer": map[string]any{"ingress": []any{map[string]any{"ip": "10.2.0.1"}}}}
}

func autoscaled(autoscaler *unstructured.Unstructured) any {
	if hasConditions(autoscaler) {
		return nil
	}
	return map[string]any{"currentReplicas": 1, "desiredReplicas": 1,
		"conditions": conditions("AbleToScale", "ScalingActive")}
}

func budgeted(budget *unstructured.Unstructured) any {
	if hasConditions(budget) {
		return nil
	}
	return map[string]any{"currentHealthy": 1, "desiredHealthy": 1, "disruptionsAllowed": 1, "expectedPods": 1,
		"conditions": conditions("DisruptionAllowed")}
}

func reconciled(object *unstructured.Unstructured) any {
	if hasConditions(object) {
		return nil
	}
	return map[string]any{"conditions": conditions("Available", "Ready", "Reconciled")}
}

func hasConditions(object *unstructured.Unstructured) bool {
	known, _, _ := unstructured.NestedSlice(object.Object, "status", "conditions")
	return len(known) > 0
}

func conditions(kinds ...string) []any {
	now := time.Now().UTC().Format(time.RFC3339)
	var all []any
	for _, kind := range kinds {
		all = append(all, map[string]any{"type": kind, "status": "True", "reason": "Well", "message": "there is nothing to do",
			"lastTransitionTime": now})
	}
	return all
}
