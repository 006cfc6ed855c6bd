package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"

	synccommon "github.com/argoproj/argo-cd/gitops-engine/pkg/sync/common"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	clientv1alpha1 "github.com/argoproj/argo-cd/v3/pkg/client/clientset/versioned/typed/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/util/argo"
)

// state is what every command answers.
type state struct {
	Gone       bool                            `json:"gone"`
	TimedOut   bool                            `json:"timedOut"`
	Sync       string                          `json:"sync"`
	Health     string                          `json:"health"`
	Operation  *v1alpha1.OperationState        `json:"operation,omitempty"`
	Running    bool                            `json:"running"`
	Conditions []v1alpha1.ApplicationCondition `json:"conditions,omitempty"`
	Resources  []v1alpha1.ResourceStatus       `json:"resources,omitempty"`
	Tree       []v1alpha1.ResourceNode         `json:"tree,omitempty"`
	// Cluster is how the controller gets on with the destination; it writes that down every ten seconds.
	Cluster *v1alpha1.ConnectionState `json:"cluster,omitempty"`

	of *v1alpha1.Application
}

func (h *hub) answer(ctx context.Context, c command) (any, error) {
	if c.Namespace == "" {
		c.Namespace = h.Namespace
	}
	applications := h.applications.ArgoprojV1alpha1().Applications(c.Namespace)
	switch c.Op {
	case "state":
		return h.state(ctx, applications, c.App)
	case "refresh":
		return h.refresh(ctx, applications, c.App)
	case "sync":
		return h.sync(ctx, applications, c)
	case "wait":
		return h.until(ctx, applications, c.App, c.holds)
	case "delete":
		return h.delete(ctx, applications, c)
	}
	return h.server.answer(ctx, c)
}

// refresh is hard, as `argocd app get --hard-refresh`: the controller takes the annotation away when it has reconciled.
func (h *hub) refresh(ctx context.Context, applications clientv1alpha1.ApplicationInterface, name string) (any, error) {
	if _, err := argo.RefreshApp(applications, name, v1alpha1.RefreshTypeHard, nil); err != nil {
		return nil, err
	}
	return h.until(ctx, applications, name, func(app *v1alpha1.Application, _ state) bool {
		_, asked := app.IsRefreshRequested()
		return !asked
	})
}

// sync does what argocd-server does for `argocd app sync`, and waits for the end of the operation. Options that are given take
// the place of the Application's own (server/application/application.go, Sync). It isn't retried: a failure is an answer.
func (h *hub) sync(ctx context.Context, applications clientv1alpha1.ApplicationInterface, c command) (any, error) {
	operation := &v1alpha1.Operation{
		InitiatedBy: v1alpha1.OperationInitiator{Username: "e2e"},
		Sync: &v1alpha1.SyncOperation{Prune: c.Prune, DryRun: c.DryRun,
			SyncOptions: c.Options, Resources: c.Resources,
			SyncStrategy: &v1alpha1.SyncStrategy{Hook: &v1alpha1.SyncStrategyHook{
				SyncStrategyApply: v1alpha1.SyncStrategyApply{Force: c.Force}}}},
	}
	app, err := applications.Get(ctx, c.App, metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	if c.Options == nil && app.Spec.SyncPolicy != nil {
		operation.Sync.SyncOptions = app.Spec.SyncPolicy.SyncOptions
	}
	// By it the operation is known again: start times are whole seconds, and another may follow at once.
	mark := rand.Text()
	operation.Info = []*v1alpha1.Info{{Name: "e2e", Value: mark}}
	if err := h.start(ctx, applications, c.App, operation); err != nil {
		return nil, err
	}
	seen := false
	return h.until(ctx, applications, c.App, func(_ *v1alpha1.Application, s state) bool {
		if s.Operation != nil {
			for _, info := range s.Operation.Operation.Info {
				seen = seen || info.Value == mark
			}
		}
		return seen && !s.Running
	})
}

// start begins an operation. One that the controller started by itself must be over; between the look and the beginning it may
// start the next (self-heal), and then that one must be over.
func (h *hub) start(
	ctx context.Context, applications clientv1alpha1.ApplicationInterface, name string, operation *v1alpha1.Operation,
) error {
	for {
		now, err := h.until(ctx, applications, name, func(_ *v1alpha1.Application, s state) bool { return !s.Running })
		if err != nil {
			return err
		}
		_, err = argo.SetAppOperation(applications, name, operation)
		if now.TimedOut || !errors.Is(err, argo.ErrAnotherOperationInProgress) {
			return err
		}
	}
}

func (h *hub) delete(ctx context.Context, applications clientv1alpha1.ApplicationInterface, c command) (any, error) {
	app, err := applications.Get(ctx, c.App, metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	switch {
	case c.Cascade && !app.CascadedDeletion():
		app.SetCascadedDeletion(v1alpha1.ResourcesFinalizerName)
	case !c.Cascade:
		app.UnSetCascadedDeletion()
	}
	finalizers, err := json.Marshal(map[string]any{"metadata": map[string]any{"finalizers": app.Finalizers}})
	if err != nil {
		return nil, err
	}
	if _, err := applications.Patch(ctx, c.App, types.MergePatchType, finalizers, metav1.PatchOptions{}); err != nil {
		return nil, err
	}
	if err := applications.Delete(ctx, c.App, metav1.DeleteOptions{}); err != nil {
		return nil, err
	}
	return h.until(ctx, applications, c.App, func(_ *v1alpha1.Application, s state) bool { return s.Gone })
}

// holds says whether all is as the command waits for.
func (c command) holds(_ *v1alpha1.Application, s state) bool {
	operation := ""
	if s.Operation != nil && !s.Running {
		operation = string(s.Operation.Phase)
	}
	return (c.Sync == "" || c.Sync == s.Sync) && (c.Health == "" || c.Health == s.Health) &&
		(c.Operation == "" || c.Operation == operation)
}

// until waits until something holds, or time is up: then the state says so.
func (h *hub) until(
	ctx context.Context, applications clientv1alpha1.ApplicationInterface, name string,
	holds func(*v1alpha1.Application, state) bool,
) (state, error) {
	var last state
	err := wait.PollUntilContextCancel(ctx, 50*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		app, now, err := h.look(ctx, applications, name)
		if err != nil {
			return false, err
		}
		last = now
		return holds(app, now), nil
	})
	// A client that would have to wait longer gives up a little earlier.
	if deadline, _ := ctx.Deadline(); err != nil && time.Until(deadline) < time.Second {
		last.TimedOut, err = true, nil
	}
	if err != nil {
		return last, err
	}
	h.addCached(ctx, &last)
	return last, nil
}

func (h *hub) state(ctx context.Context, applications clientv1alpha1.ApplicationInterface, name string) (any, error) {
	_, now, err := h.look(ctx, applications, name)
	if err != nil {
		return nil, err
	}
	h.addCached(ctx, &now)
	return now, nil
}

func (h *hub) look(
	ctx context.Context, applications clientv1alpha1.ApplicationInterface, name string,
) (*v1alpha1.Application, state, error) {
	app, err := applications.Get(ctx, name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return &v1alpha1.Application{}, state{Gone: true}, nil
	}
	if err != nil {
		return nil, state{}, err
	}
	operation := app.Status.OperationState
	return app, state{
		Sync: string(app.Status.Sync.Status), Health: string(app.Status.Health.Status), Operation: operation,
		Running:    app.Operation != nil || operation != nil && operation.Phase == synccommon.OperationRunning,
		Conditions: app.Status.Conditions, Resources: app.Status.Resources, of: app,
	}, nil
}

// addCached adds what the controller keeps outside of the Application. That there is none yet is no error.
func (h *hub) addCached(ctx context.Context, s *state) {
	if s.of == nil {
		return
	}
	var tree v1alpha1.ApplicationTree
	if err := h.cache.GetAppResourcesTree(s.of.InstanceName(h.Namespace), &tree); err == nil {
		s.Tree = tree.Nodes
	}
	var cluster v1alpha1.ClusterInfo
	url, err := argo.GetDestinationServer(ctx, s.of.Spec.Destination, h.server.clusters)
	if err == nil && h.cache.GetClusterInfo(url, &cluster) == nil {
		s.Cluster = &cluster.ConnectionState
	}
}
