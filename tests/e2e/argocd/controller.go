package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/argoproj/argo-cd/v3/controller"
	"github.com/argoproj/argo-cd/v3/controller/sharding"
	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	appclientset "github.com/argoproj/argo-cd/v3/pkg/client/clientset/versioned"
	"github.com/argoproj/argo-cd/v3/pkg/ratelimiter"
	"github.com/argoproj/argo-cd/v3/util/argo"
	"github.com/argoproj/argo-cd/v3/util/argo/normalizers"
	cacheutil "github.com/argoproj/argo-cd/v3/util/cache"
	"github.com/argoproj/argo-cd/v3/util/cache/appstate"
	kubeutil "github.com/argoproj/argo-cd/v3/util/kube"
	"github.com/argoproj/argo-cd/v3/util/settings"
)

// config is what the harness says.
type config struct {
	// Kubeconfig is that of the identity which Argo CD has on its hub.
	Kubeconfig string `json:"kubeconfig"`
	Namespace  string `json:"namespace"`
	// Manifests are folders or files by the instance names of Applications: the name, or namespace_name outside of Namespace.
	Manifests             map[string]string `json:"manifests"`
	ApplicationNamespaces []string          `json:"applicationNamespaces"`
	// Server is argocd-server's own way to the cluster.
	Server identity `json:"server"`
}

func readConfig(path string) (config, error) {
	var c config
	contents, err := os.ReadFile(path)
	if err != nil {
		return c, err
	}
	return c, json.Unmarshal(contents, &c)
}

// hub is Argo CD's own cluster, with what the controller keeps of others.
type hub struct {
	config
	kubernetes   kubernetes.Interface
	applications appclientset.Interface
	settings     *settings.SettingsManager
	cache        *appstate.Cache
	repositories *repositories
	server       *argocdServer
}

func newHub(ctx context.Context, c config, changed func()) (*hub, error) {
	rest, err := clientcmd.BuildConfigFromFlags("", c.Kubeconfig)
	if err != nil {
		return nil, err
	}
	if err := v1alpha1.SetK8SConfigDefaults(rest); err != nil {
		return nil, err
	}
	h := &hub{config: c, repositories: &repositories{paths: c.Manifests, namespace: c.Namespace}}
	if h.kubernetes, err = kubernetes.NewForConfig(rest); err != nil {
		return nil, err
	}
	if h.applications, err = appclientset.NewForConfig(rest); err != nil {
		return nil, err
	}
	h.settings = settings.NewSettingsManager(ctx, h.kubernetes, c.Namespace, settings.WithRepoOrClusterChangedHandler(changed))
	// In memory, where production has Redis.
	h.cache = appstate.NewCache(cacheutil.NewCache(cacheutil.NewInMemoryCache(time.Hour)), time.Hour)
	return h, nil
}

// runController wires the application controller as cmd/argocd-application-controller does, and then does what stdin says.
func runController(path string) error {
	c, err := readConfig(path)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	var running *controller.ApplicationController
	h, err := newHub(ctx, c, func() { running.InvalidateProjectsCache() })
	if err != nil {
		return err
	}
	if running, err = h.controller(); err != nil {
		return err
	}
	// It would listen on all addresses.
	running.GetMetricsServer().Addr = "127.0.0.1:0"
	go running.Run(ctx, 20, 10, 1)
	if h.server, err = h.newServer(ctx); err != nil {
		return err
	}
	fmt.Println(`{"ready":true}`)
	return converse(ctx, h.answer)
}

func (h *hub) controller() (*controller.ApplicationController, error) {
	clusters, err := sharding.GetClusterSharding(h.kubernetes, h.settings, "legacy", false)
	if err != nil {
		return nil, err
	}
	const never = 24 * time.Hour
	const soon = time.Second
	return controller.NewApplicationController(
		h.Namespace, h.settings, h.kubernetes, h.applications, h.repositories, nil, h.cache, kubeutil.NewKubectl(),
		never, never, 0, // resyncs are asked for
		0, &wait.Backoff{Duration: soon, Factor: 1, Cap: soon}, // self-heal
		0, 0, 0, 0, nil, nil, nil, // no time-outs, no metrics
		20, false, clusters, h.ApplicationNamespaces, ratelimiter.GetDefaultAppRateLimiterConfig(), false, false,
		normalizers.IgnoreNormalizerOpts{}, argo.DefaultEnableEventList(), false,
	)
}
