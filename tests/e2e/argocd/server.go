package main

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/grpc"
	"k8s.io/client-go/tools/cache"

	"github.com/argoproj/argo-cd/v3/common"
	"github.com/argoproj/argo-cd/v3/pkg/apiclient/application"
	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	appinformer "github.com/argoproj/argo-cd/v3/pkg/client/informers/externalversions"
	applister "github.com/argoproj/argo-cd/v3/pkg/client/listers/application/v1alpha1"
	applicationserver "github.com/argoproj/argo-cd/v3/server/application"
	servercache "github.com/argoproj/argo-cd/v3/server/cache"
	"github.com/argoproj/argo-cd/v3/util/argo"
	"github.com/argoproj/argo-cd/v3/util/db"
	kubeutil "github.com/argoproj/argo-cd/v3/util/kube"
	"github.com/argoproj/argo-cd/v3/util/rbac"

	argosync "github.com/argoproj/pkg/v2/sync"
)

// argocdServer makes argocd-server's requests to clusters, by its own code and with its own identity there. It is in the
// controller's process because that has the resource trees, which in production are in Redis.
type argocdServer struct {
	application.ApplicationServiceServer
	clusters     db.ArgoDB
	applications applister.ApplicationLister
	tree         applicationserver.AppResourceTreeFn
	enforcer     *rbac.Enforcer
	hub          config
}

// identity is how argocd-server gets to the cluster.
type identity struct {
	Server string `json:"server"`
	Token  string `json:"token"`
	CA     []byte `json:"ca"`
}

// clusters answers as Argo CD's own database does, but with argocd-server's credentials: in production controller and server
// have the same cluster Secret and turn it into tokens of their own.
type clusters struct {
	db.ArgoDB
	identity identity
}

func (c clusters) GetCluster(ctx context.Context, server string) (*v1alpha1.Cluster, error) {
	cluster, err := c.ArgoDB.GetCluster(ctx, server)
	if err != nil {
		return nil, err
	}
	cluster = cluster.DeepCopy()
	cluster.Server = c.identity.Server
	cluster.Config.BearerToken = c.identity.Token
	cluster.Config.CAData = c.identity.CA
	return cluster, nil
}

// newServer wires argocd-server's application service as server/server.go does, without asking who calls it.
func (h *hub) newServer(ctx context.Context) (*argocdServer, error) {
	informers := appinformer.NewSharedInformerFactoryWithOptions(h.applications, 0, appinformer.WithNamespace(""))
	applications, projects := informers.Argoproj().V1alpha1().Applications(), informers.Argoproj().V1alpha1().AppProjects()
	for _, informer := range []cache.SharedIndexInformer{applications.Informer(), projects.Informer()} {
		go informer.Run(ctx.Done())
		if !cache.WaitForCacheSync(ctx.Done(), informer.HasSynced) {
			return nil, fmt.Errorf("the hub's Applications and AppProjects can't be listed")
		}
	}
	enforcer := rbac.NewEnforcer(h.kubernetes, h.Namespace, common.ArgoCDRBACConfigMapName, nil)
	enforcer.EnableEnforce(false)
	s := &argocdServer{
		clusters:     clusters{db.NewDB(h.Namespace, h.settings, h.kubernetes), h.Server},
		applications: applications.Lister(), enforcer: enforcer, hub: h.config,
	}
	s.ApplicationServiceServer, s.tree = applicationserver.NewServer(
		h.Namespace, h.kubernetes, h.applications, s.applications, applications.Informer(), nil, h.repositories,
		servercache.NewCache(h.cache, time.Hour, time.Hour), kubeutil.NewKubectl(), s.clusters, enforcer, argosync.NewKeyLock(),
		h.settings, projects.Informer(), h.ApplicationNamespaces, argo.DefaultEnableEventList(), true,
	)
	return s, nil
}

// object is what a command to argocd-server is about.
type object struct {
	Group        string `json:"group"`
	Version      string `json:"version"`
	Kind         string `json:"kind"`
	ObjNamespace string `json:"objectNamespace"`
	Name         string `json:"name"`
	UID          string `json:"uid"`
	Container    string `json:"container"`
	Action       string `json:"action"`
	Patch        string `json:"patch"`
}

// answer makes the requests that one click in the UI, or one call of the CLI, makes.
func (s *argocdServer) answer(ctx context.Context, c command) (any, error) {
	request := &application.ApplicationResourceRequest{
		Name: &c.App, AppNamespace: &c.Namespace,
		Namespace: &c.ObjNamespace, ResourceName: &c.Name, Version: &c.Version, Group: &c.Group, Kind: &c.Kind,
	}
	switch c.Op {
	case "get-resource":
		return s.GetResource(ctx, request)
	case "patch-resource":
		merge := "application/merge-patch+json"
		return s.PatchResource(ctx, &application.ApplicationResourcePatchRequest{
			Name: &c.App, AppNamespace: &c.Namespace,
			Namespace: &c.ObjNamespace, ResourceName: &c.Name, Version: &c.Version, Group: &c.Group, Kind: &c.Kind,
			Patch: &c.Patch, PatchType: &merge,
		})
	case "delete-resource":
		return s.DeleteResource(ctx, &application.ApplicationResourceDeleteRequest{
			Name: &c.App, AppNamespace: &c.Namespace,
			Namespace: &c.ObjNamespace, ResourceName: &c.Name, Version: &c.Version, Group: &c.Group, Kind: &c.Kind,
		})
	case "list-actions":
		return s.ListResourceActions(ctx, request)
	case "run-action":
		return s.RunResourceActionV2(ctx, &application.ResourceActionRunRequestV2{
			Name: &c.App, AppNamespace: &c.Namespace,
			Namespace: &c.ObjNamespace, ResourceName: &c.Name, Version: &c.Version, Group: &c.Group, Kind: &c.Kind,
			Action: &c.Action,
		})
	case "events":
		return s.ListResourceEvents(ctx, &application.ApplicationResourceEventsQuery{
			Name: &c.App, AppNamespace: &c.Namespace,
			ResourceNamespace: &c.ObjNamespace, ResourceName: &c.Name, ResourceUID: &c.UID,
		})
	case "logs":
		return s.logs(ctx, c)
	case "manifests":
		return s.GetManifests(ctx, &application.ApplicationManifestQuery{Name: &c.App, AppNamespace: &c.Namespace})
	case "server-side-diff":
		return s.diff(ctx, c)
	case "exec":
		return s.exec(ctx, c)
	}
	return nil, fmt.Errorf("there is no command %q", c.Op)
}

// logs asks for the logs of one pod's container.
func (s *argocdServer) logs(ctx context.Context, c command) (any, error) {
	lines := &logLines{ctx: ctx}
	err := s.PodLogs(&application.ApplicationPodLogsQuery{
		Name: &c.App, AppNamespace: &c.Namespace,
		Namespace: &c.ObjNamespace, PodName: &c.Name, Container: &c.Container,
	}, lines)
	return map[string]any{"lines": lines.lines}, err
}

// logLines is the stream that a caller over gRPC would have.
type logLines struct {
	grpc.ServerStream
	ctx   context.Context
	lines []string
}

func (l *logLines) Context() context.Context { return l.ctx }

func (l *logLines) Send(entry *application.LogEntry) error {
	l.lines = append(l.lines, entry.GetContent())
	return nil
}
