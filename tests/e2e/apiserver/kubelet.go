package main

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/klog/v2"
)

const nodeName = "node"

// kubelet takes the places of the scheduler, of the kubelet and of the volume controller: each pod is put on the one node and
// runs, or has succeeded where a Job made it; each claim is bound. There are no containers, so logs and shells end in an error
// after they have been authorized.
type kubelet struct {
	client kubernetes.Interface
	pods   cache.Indexer
	claims cache.Indexer
	queue  workqueue.TypedRateLimitingInterface[item]
}

type item struct{ kind, key string }

func startKubelet(ctx context.Context, config *rest.Config) error {
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: nodeName, Labels: map[string]string{corev1.LabelOSStable: "linux"}}}
	if _, err := client.CoreV1().Nodes().Create(ctx, node, metav1.CreateOptions{}); err != nil {
		return err
	}
	shared := informers.NewSharedInformerFactory(client, 0)
	pods, claims := shared.Core().V1().Pods().Informer(), shared.Core().V1().PersistentVolumeClaims().Informer()
	k := &kubelet{client: client, pods: pods.GetIndexer(), claims: claims.GetIndexer(),
		queue: workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[item]())}
	for kind, informer := range map[string]cache.SharedIndexInformer{"pod": pods, "claim": claims} {
		if err := k.follow(kind, informer); err != nil {
			return err
		}
	}
	shared.Start(ctx.Done())
	shared.WaitForCacheSync(ctx.Done())
	go func() {
		<-ctx.Done()
		k.queue.ShutDown()
	}()
	go k.run(ctx)
	return nil
}

func (k *kubelet) follow(kind string, informer cache.SharedIndexInformer) error {
	add := func(object any) {
		if key, err := cache.MetaNamespaceKeyFunc(object); err == nil {
			k.queue.Add(item{kind, key})
		}
	}
	_, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    add,
		UpdateFunc: func(_, object any) { add(object) },
	})
	return err
}

func (k *kubelet) run(ctx context.Context) {
	for {
		next, ended := k.queue.Get()
		if ended {
			return
		}
		if err := k.sync(ctx, next); err != nil {
			klog.V(1).InfoS("kubelet tries again", "object", next, "err", err)
			k.queue.AddRateLimited(next)
		} else {
			k.queue.Forget(next)
		}
		k.queue.Done(next)
	}
}

func (k *kubelet) sync(ctx context.Context, next item) error {
	switch next.kind {
	case "pod":
		if object, exists, _ := k.pods.GetByKey(next.key); exists {
			return k.pod(ctx, object.(*corev1.Pod).DeepCopy())
		}
	case "claim":
		if object, exists, _ := k.claims.GetByKey(next.key); exists {
			return k.claim(ctx, object.(*corev1.PersistentVolumeClaim).DeepCopy())
		}
	}
	return nil
}

func (k *kubelet) pod(ctx context.Context, pod *corev1.Pod) error {
	pods := k.client.CoreV1().Pods(pod.Namespace)
	switch {
	case pod.DeletionTimestamp != nil:
		now := int64(0)
		return pods.Delete(ctx, pod.Name, metav1.DeleteOptions{GracePeriodSeconds: &now})
	case pod.Spec.NodeName == "":
		binding := &corev1.Binding{ObjectMeta: metav1.ObjectMeta{Name: pod.Name, UID: pod.UID},
			Target: corev1.ObjectReference{Kind: "Node", Name: nodeName}}
		return pods.Bind(ctx, binding, metav1.CreateOptions{})
	case pod.Status.Phase == corev1.PodPending:
		pod.Status = status(pod)
		_, err := pods.UpdateStatus(ctx, pod, metav1.UpdateOptions{})
		return err
	}
	return nil
}

// status of a pod that runs, or, if a Job made it, has done its work.
func status(pod *corev1.Pod) corev1.PodStatus {
	now := metav1.NewTime(time.Now())
	succeeded := false
	for _, owner := range pod.OwnerReferences {
		succeeded = succeeded || owner.Kind == "Job"
	}
	status := corev1.PodStatus{Phase: corev1.PodRunning, StartTime: &now, HostIP: "10.0.0.1", PodIP: "10.1.0.1",
		PodIPs: []corev1.PodIP{{IP: "10.1.0.1"}}}
	ready := corev1.ConditionTrue
	if succeeded {
		status.Phase, ready = corev1.PodSucceeded, corev1.ConditionFalse
	}
	for _, kind := range []corev1.PodConditionType{corev1.PodScheduled, corev1.PodInitialized, corev1.ContainersReady, corev1.PodReady} {
		condition := corev1.PodCondition{Type: kind, Status: ready, LastTransitionTime: now}
		if kind == corev1.PodScheduled || kind == corev1.PodInitialized {
			condition.Status = corev1.ConditionTrue
		}
		status.Conditions = append(status.Conditions, condition)
	}
	for _, container := range pod.Spec.Containers {
		status.ContainerStatuses = append(status.ContainerStatuses, containerStatus(container, succeeded, now))
	}
	return status
}

func containerStatus(container corev1.Container, succeeded bool, now metav1.Time) corev1.ContainerStatus {
	status := corev1.ContainerStatus{Name: container.Name, Image: container.Image, Ready: !succeeded, Started: new(bool)}
	*status.Started = !succeeded
	if succeeded {
		status.State.Terminated = &corev1.ContainerStateTerminated{Reason: "Completed", StartedAt: now, FinishedAt: now}
	} else {
		status.State.Running = &corev1.ContainerStateRunning{StartedAt: now}
	}
	return status
}

func (k *kubelet) claim(ctx context.Context, claim *corev1.PersistentVolumeClaim) error {
	if claim.Status.Phase == corev1.ClaimBound || claim.DeletionTimestamp != nil {
		return nil
	}
	claim.Status.Phase = corev1.ClaimBound
	claim.Status.AccessModes = claim.Spec.AccessModes
	claim.Status.Capacity = claim.Spec.Resources.Requests
	_, err := k.client.CoreV1().PersistentVolumeClaims(claim.Namespace).UpdateStatus(ctx, claim, metav1.UpdateOptions{})
	return err
}
