package main

import (
	"context"

	"github.com/argoproj/argo-cd/v3/pkg/apiclient/application"
	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
)

// diff asks argocd-server what `argocd app diff --server-side-diff` asks: what the API server would make of each object that
// the Application manages (cmd/argocd/commands/app_diff.go, newServerSideDiffStrategy).
func (s *argocdServer) diff(ctx context.Context, c command) (any, error) {
	managed, err := s.ManagedResources(ctx, &application.ResourcesQuery{ApplicationName: &c.App, AppNamespace: &c.Namespace})
	if err != nil {
		return nil, err
	}
	query := &application.ApplicationServerSideDiffQuery{AppName: &c.App, AppNamespace: &c.Namespace}
	for _, item := range managed.Items {
		// Oarlock doesn't grant those to argocd-server, and says so: a dry run of them takes their rules.
		if item.Group == "rbac.authorization.k8s.io" {
			continue
		}
		query.LiveResources = append(query.LiveResources, &v1alpha1.ResourceDiff{
			Group: item.Group, Kind: item.Kind, Namespace: item.Namespace, Name: item.Name, LiveState: item.NormalizedLiveState,
		})
		query.TargetManifests = append(query.TargetManifests, item.TargetState)
	}
	return s.ServerSideDiff(ctx, query)
}
