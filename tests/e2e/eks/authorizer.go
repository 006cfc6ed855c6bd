package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"sync/atomic"

	authorization "k8s.io/api/authorization/v1"
)

const loopback = "127.0.0.1"

// principalID is where the authenticator says which role somebody is (pkg/server, authenticateEndpoint). Whoever is
// impersonated has it no more, so that access policies don't apply to him, as on EKS (EKS User Guide, "Associate access
// policies with access entries").
const principalID = "principalId"

// grant is an access policy that is associated with an access entry.
type grant struct {
	policy     string
	everywhere bool
	// namespaces may have wildcards, as in `dev-*`.
	namespaces []string
}

// authorizer answers for EKS's access policies: it allows, or has no opinion. Nobody is denied.
type authorizer struct {
	policies map[string]policy
	// grants by the role's unique id.
	grants atomic.Pointer[map[string][]grant]
}

// serve answers SubjectAccessReviews until the context ends. Returns the kubeconfig for the API server.
func (a *authorizer) serve(ctx context.Context, dir string) (string, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort(loopback, "0"))
	if err != nil {
		return "", err
	}
	server := &http.Server{Handler: a}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	go func() { log.Print("authorizer: ", server.Serve(listener)) }()
	kubeconfig := filepath.Join(dir, "authorization.yaml")
	text := fmt.Sprintf(`apiVersion: v1
kind: Config
current-context: eks
clusters: [{name: eks, cluster: {server: "http://%s"}}]
contexts: [{name: eks, context: {cluster: eks, user: ""}}]
`, listener.Addr())
	return kubeconfig, os.WriteFile(kubeconfig, []byte(text), 0o600)
}

func (a *authorizer) ServeHTTP(writer http.ResponseWriter, request *http.Request) {
	var review authorization.SubjectAccessReview
	if err := json.NewDecoder(request.Body).Decode(&review); err != nil {
		http.Error(writer, err.Error(), http.StatusBadRequest)
		return
	}
	review.Status = a.decide(review.Spec)
	writer.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(writer).Encode(review); err != nil {
		log.Print("authorizer: ", err)
	}
}

func (a *authorizer) decide(spec authorization.SubjectAccessReviewSpec) authorization.SubjectAccessReviewStatus {
	grants := a.grants.Load()
	for _, id := range spec.Extra[principalID] {
		if grants == nil {
			break
		}
		for _, grant := range (*grants)[id] {
			if grant.reaches(spec.ResourceAttributes) && a.policies[grant.policy].allows(spec) {
				return authorization.SubjectAccessReviewStatus{Allowed: true, Reason: "EKS access policy " + grant.policy}
			}
		}
	}
	return authorization.SubjectAccessReviewStatus{}
}

// reaches says whether a request is in the grant's access scope. What isn't in a namespace is in that of a cluster alone.
func (g grant) reaches(attributes *authorization.ResourceAttributes) bool {
	if g.everywhere {
		return true
	}
	return attributes != nil && attributes.Namespace != "" && slices.ContainsFunc(g.namespaces, func(pattern string) bool {
		matches, err := path.Match(pattern, attributes.Namespace)
		return err == nil && matches
	})
}
