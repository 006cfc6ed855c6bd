package main

import (
	"encoding/json"
	"os"
	"sync"
)

// state is what AWS would keep and the server doesn't.
type state struct {
	mutex sync.Mutex
	// clusters is the file with what EKS decides about clusters. API servers may start after this one: it is read each time.
	clusters string
	// modes of authentication, by the cluster's ARN, once they were changed.
	modes map[string]string
	// tags, whole, by ARN, once they were changed.
	tags map[string]map[string]any
	// audiences added to an OIDC provider, by its ARN.
	audiences map[string][]string
	// capabilities by the cluster's ARN, then by name.
	capabilities map[string]map[string]map[string]any
	// updates by id.
	updates map[string]map[string]any
	// accounts by access key.
	accounts map[string]string
	// sessions' ARNs by access key.
	sessions map[string]string
}

// decided is what EKS decides when a cluster is made: here the test does.
type decided struct {
	Endpoint             string `json:"endpoint"`
	CertificateAuthority string `json:"certificateAuthority"`
	Issuer               string `json:"issuer"`
}

func newState(clusters string) (*state, error) {
	s := &state{
		clusters: clusters, modes: map[string]string{}, tags: map[string]map[string]any{},
		audiences: map[string][]string{}, capabilities: map[string]map[string]map[string]any{},
		updates: map[string]map[string]any{}, accounts: map[string]string{},
		sessions: map[string]string{},
	}
	_, err := s.decided()
	return s, err
}

// decided by EKS about clusters, by their ARNs.
func (s *state) decided() (map[string]decided, error) {
	all := map[string]decided{}
	if s.clusters == "" {
		return all, nil
	}
	text, err := os.ReadFile(s.clusters)
	if err != nil {
		return nil, err
	}
	return all, json.Unmarshal(text, &all)
}

// with runs a function that nothing else in the state runs beside.
func (s *state) with(change func()) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	change()
}

// session is the ARN of an access key's session; empty where it is nobody's that was seen being made.
func (s *state) session(key string) string {
	var arn string
	s.with(func() { arn = s.sessions[key] })
	return arn
}

func (s *state) accountOfKey(key string, find func() string) string {
	var account string
	s.with(func() { account = s.accounts[key] })
	if account == "" {
		account = find()
		s.with(func() { s.accounts[key] = account })
	}
	return account
}
