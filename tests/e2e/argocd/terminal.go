package main

import (
	"context"
	"net/http/httptest"
	"net/url"
	"strings"

	"github.com/gorilla/websocket"

	"github.com/argoproj/argo-cd/v3/common"
	applicationserver "github.com/argoproj/argo-cd/v3/server/application"
)

// exec opens the web terminal in a pod, as the UI does, and reads until it closes.
func (s *argocdServer) exec(ctx context.Context, c command) (any, error) {
	app, err := s.applications.Applications(c.Namespace).Get(c.App)
	if err != nil {
		return nil, err
	}
	// The test server listens on loopback.
	terminal := httptest.NewServer(applicationserver.NewHandler(s.applications, s.hub.Namespace, s.hub.ApplicationNamespaces,
		s.clusters, s.tree, []string{"sh"}, nil, &applicationserver.TerminalOptions{DisableAuth: true, Enf: s.enforcer}))
	defer terminal.Close()
	query := url.Values{"pod": {c.Name}, "container": {c.Container}, "appName": {c.App}, "projectName": {app.Spec.Project},
		"appNamespace": {c.Namespace}, "namespace": {c.ObjNamespace}}
	header := map[string][]string{"Cookie": {common.AuthCookieName + "=none"}}
	address := "ws" + strings.TrimPrefix(terminal.URL, "http") + "/?" + query.Encode()
	connection, _, err := websocket.DefaultDialer.DialContext(ctx, address, header)
	if err != nil {
		return nil, err
	}
	defer func() { _ = connection.Close() }()
	var messages []string
	for {
		_, message, err := connection.ReadMessage()
		if err != nil {
			return map[string]any{"messages": messages}, nil
		}
		messages = append(messages, string(message))
	}
}
