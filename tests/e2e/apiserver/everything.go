package main

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/quota/v1/generic"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/restmapper"
	"k8s.io/controller-manager/pkg/informerfactory"
	"k8s.io/kubernetes/pkg/controller"
	"k8s.io/kubernetes/pkg/controller/garbagecollector"
	"k8s.io/kubernetes/pkg/controller/resourcequota"
	"k8s.io/kubernetes/pkg/quota/v1/install"
)

// everything is for the controllers that follow every resource which the cluster serves, new ones included.
type everything struct {
	informerfactory.InformerFactory
	shared  informers.SharedInformerFactory
	started chan struct{}
}

// soon is how often they look for new resources: what they don't know they neither wait for nor count.
const soon = time.Second

func (e everything) garbageCollector(
	ctx context.Context, client kubernetes.Interface, metadataClient metadata.Interface,
) ([]func(context.Context), error) {
	mapper := restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(client.Discovery()))
	collector, err := garbagecollector.NewGarbageCollector(
		ctx, client, metadataClient, mapper, map[schema.GroupResource]struct{}{}, e, e.started)
	return []func(context.Context){
		func(ctx context.Context) { collector.Run(ctx, workers, 30*time.Second) },
		func(ctx context.Context) { collector.Sync(ctx, client.Discovery(), soon) },
	}, err
}

// quota counts what ResourceQuotas limit: as long as nobody has counted, nothing may be created.
func (e everything) quota(ctx context.Context, client kubernetes.Interface) ([]func(context.Context), error) {
	configuration, err := install.NewQuotaConfigurationForControllers(generic.ListerFuncForResourceFunc(e.shared.ForResource), e.shared)
	if err != nil {
		return nil, err
	}
	discover := client.Discovery().ServerPreferredNamespacedResources
	quotas, err := resourcequota.NewController(ctx, &resourcequota.ControllerOptions{
		QuotaClient: client.CoreV1(), ResourceQuotaInformer: e.shared.Core().V1().ResourceQuotas(),
		ResyncPeriod: controller.StaticResyncPeriodFunc(time.Minute), InformerFactory: e,
		ReplenishmentResyncPeriod: controller.StaticResyncPeriodFunc(time.Minute), DiscoveryFunc: discover,
		IgnoredResourcesFunc: configuration.IgnoredResources, InformersStarted: e.started,
		Registry: generic.NewRegistry(configuration.Evaluators()), UpdateFilter: install.DefaultUpdateFilter(),
	})
	return []func(context.Context){
		func(ctx context.Context) { quotas.Run(ctx, workers) },
		func(ctx context.Context) { quotas.Sync(ctx, discover, soon) },
	}, err
}
