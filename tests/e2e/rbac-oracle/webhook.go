package main

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"slices"

	authorizationv1 "k8s.io/api/authorization/v1"
)

// Groups whose power comes from this webhook, which is to RBAC what EKS access policies are: another authorizer.
const (
	// elsewhere may do everything but hand out roles, as by AmazonEKSAdminPolicy.
	elsewhere = "oarlock:e2e:elsewhere"
	// everything may do that as well, as by AmazonEKSClusterAdminPolicy.
	everything = "oarlock:e2e:everything"
)

// serveWebhook authorizes, on a loopback port that it prints, until stdin ends.
func serveWebhook() error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: http.HandlerFunc(review)}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		_ = server.Close()
	}()
	if err := json.NewEncoder(os.Stdout).Encode(map[string]string{"url": "http://" + listener.Addr().String()}); err != nil {
		return err
	}
	if err := server.Serve(listener); err != http.ErrServerClosed {
		return err
	}
	return nil
}

func review(w http.ResponseWriter, r *http.Request) {
	var asked authorizationv1.SubjectAccessReview
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	asked.Status = authorizationv1.SubjectAccessReviewStatus{Allowed: allows(asked.Spec)}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(asked)
}

func allows(spec authorizationv1.SubjectAccessReviewSpec) bool {
	handsOut := spec.ResourceAttributes != nil && slices.Contains([]string{"bind", "escalate"}, spec.ResourceAttributes.Verb)
	return slices.Contains(spec.Groups, everything) || slices.Contains(spec.Groups, elsewhere) && !handsOut
}
