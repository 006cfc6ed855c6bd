package main

import (
	"context"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/metadata/metadatainformer"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/util/flowcontrol"
	"k8s.io/controller-manager/pkg/informerfactory"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/controller/clusterroleaggregation"
	"k8s.io/kubernetes/pkg/controller/cronjob"
	"k8s.io/kubernetes/pkg/controller/daemon"
	"k8s.io/kubernetes/pkg/controller/deployment"
	"k8s.io/kubernetes/pkg/controller/endpointslice"
	"k8s.io/kubernetes/pkg/controller/job"
	"k8s.io/kubernetes/pkg/controller/namespace"
	"k8s.io/kubernetes/pkg/controller/replicaset"
	"k8s.io/kubernetes/pkg/controller/serviceaccount"
	"k8s.io/kubernetes/pkg/controller/statefulset"
)

// workers of each controller: the clusters are small.
const workers = 2

// startControllers starts those of kube-controller-manager that a sync, a prune and a deletion depend on: aggregation fills
// `admin`, `edit` and `view`; a foreground deletion waits for the garbage collector; workloads become healthy by the objects
// that their controllers make.
func startControllers(ctx context.Context, config *rest.Config) error {
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	metadataClient, err := metadata.NewForConfig(config)
	if err != nil {
		return err
	}
	shared := informers.NewSharedInformerFactory(client, 0)
	runs, err := controllers(ctx, client, metadataClient, shared)
	if err != nil {
		return err
	}
	all := everything{
		InformerFactory: informerfactory.NewInformerFactory(shared, metadatainformer.NewSharedInformerFactory(metadataClient, 0)),
		shared:          shared, started: make(chan struct{}),
	}
	collect, err := all.garbageCollector(ctx, client, metadataClient)
	if err != nil {
		return err
	}
	count, err := all.quota(ctx, client)
	if err != nil {
		return err
	}
	all.Start(ctx.Done())
	close(all.started)
	for _, run := range slices.Concat(runs, collect, count) {
		go run(ctx)
	}
	return nil
}

func controllers(
	ctx context.Context, client kubernetes.Interface, metadataClient metadata.Interface, shared informers.SharedInformerFactory,
) ([]func(context.Context), error) {
	core, apps, batch := shared.Core().V1(), shared.Apps().V1(), shared.Batch().V1()
	logger := klog.FromContext(ctx)
	aggregation := clusterroleaggregation.NewClusterRoleAggregation(shared.Rbac().V1().ClusterRoles(), client.RbacV1())
	namespaces := namespace.NewNamespaceController(ctx, client, metadataClient,
		client.Discovery().ServerPreferredNamespacedResources, core.Namespaces(), time.Minute, corev1.FinalizerKubernetes)
	accounts, err := serviceaccount.NewServiceAccountsController(
		logger, core.ServiceAccounts(), core.Namespaces(), client, serviceaccount.DefaultServiceAccountsControllerOptions())
	if err != nil {
		return nil, err
	}
	deployments, err := deployment.NewDeploymentController(ctx, apps.Deployments(), apps.ReplicaSets(), core.Pods(), client)
	if err != nil {
		return nil, err
	}
	replicaSets := replicaset.NewReplicaSetController(ctx, apps.ReplicaSets(), core.Pods(), client, replicaset.BurstReplicas)
	statefulSets := statefulset.NewStatefulSetController(
		ctx, core.Pods(), apps.StatefulSets(), core.PersistentVolumeClaims(), apps.ControllerRevisions(), client)
	daemonSets, err := daemon.NewDaemonSetsController(ctx, apps.DaemonSets(), apps.ControllerRevisions(), core.Pods(), core.Nodes(),
		client, flowcontrol.NewBackOff(time.Second, time.Minute))
	if err != nil {
		return nil, err
	}
	// Workloads and pod groups are alpha, and not served.
	jobs, err := job.NewController(ctx, client, core.Pods(), batch.Jobs(), nil, nil)
	if err != nil {
		return nil, err
	}
	cronJobs, err := cronjob.NewControllerV2(ctx, batch.Jobs(), batch.CronJobs(), client)
	if err != nil {
		return nil, err
	}
	slices := endpointslice.NewController(
		ctx, core.Pods(), core.Services(), core.Nodes(), shared.Discovery().V1().EndpointSlices(), 100, client, 0)
	return []func(context.Context){
		func(ctx context.Context) { aggregation.Run(ctx, workers) },
		func(ctx context.Context) { namespaces.Run(ctx, workers) },
		func(ctx context.Context) { accounts.Run(ctx, workers) },
		func(ctx context.Context) { deployments.Run(ctx, workers) },
		func(ctx context.Context) { replicaSets.Run(ctx, workers) },
		func(ctx context.Context) { statefulSets.Run(ctx, workers) },
		func(ctx context.Context) { daemonSets.Run(ctx, workers) },
		func(ctx context.Context) { jobs.Run(ctx, workers) },
		func(ctx context.Context) { cronJobs.Run(ctx, workers) },
		func(ctx context.Context) { slices.Run(ctx, workers) },
	}, nil
}
