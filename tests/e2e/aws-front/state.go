package main

import (
	"encoding/json"
	"os"
	"sync"
)

// state is what AWS would keep and the server doesn't.
type state struct {
	mutex sync.Mutex
	// decided by EKS about a cluster, by its ARN.
	decided map[string]decided
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
}

// decided is what EKS decides when a cluster is made: here the test does.
type decided struct {
	Endpoint             string `json:"endpoint"`
	CertificateAuthority string `json:"certificateAuthority"`
	Issuer               string `json:"issuer"`
}

func newState(clusters string) (*state, error) {
	s := &state{
		decided: map[string]decided{}, modes: map[string]string{}, tags: map[string]map[string]any{},
		audiences: map[string][]string{}, capabilities: map[string]map[string]map[string]any{},
		updates: map[string]map[string]any{}, accounts: map[string]string{},
	}
	if clusters == "" {
		return s, nil
	}
	text, err := os.ReadFile(clusters)
	if err != nil {
		return nil, err
	}
	return s, json.Unmarshal(text, &s.decided)
}

// with runs a function that nothing else in the state runs beside.
func (s *state) with(change func()) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	change()
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
