package main

import (
	"context"
	"net"
	"os"
	"path/filepath"

	"github.com/prometheus/client_golang/prometheus"
	"sigs.k8s.io/aws-iam-authenticator/pkg/config"
	"sigs.k8s.io/aws-iam-authenticator/pkg/mapper"
	"sigs.k8s.io/aws-iam-authenticator/pkg/metrics"
	"sigs.k8s.io/aws-iam-authenticator/pkg/server"
)

// noPort keeps the authenticator from serving its health on all addresses (pkg/server, Server.Run): there is no such port.
const noPort = -1

// startAuthenticator runs aws-iam-authenticator's server on the access entries in a file, which it reads again whenever it
// changes. A role is known by its unique id, so that another one of the same name is a stranger, as on EKS. Returns the
// kubeconfig for the API server.
func startAuthenticator(ctx context.Context, cluster, dir, entries string) (string, error) {
	// It would ask the instance metadata service, which isn't on loopback, for its region.
	if err := os.Setenv("AWS_EC2_METADATA_DISABLED", "true"); err != nil {
		return "", err
	}
	port, err := freePort()
	if err != nil {
		return "", err
	}
	metrics.InitMetrics(prometheus.NewRegistry())
	kubeconfig := filepath.Join(dir, "authentication.yaml")
	authenticator := server.New(ctx, config.Config{
		PartitionID:             "aws",
		ClusterID:               cluster,
		Address:                 loopback,
		Hostname:                loopback,
		HostPort:                port,
		HealthPort:              noPort,
		StateDir:                dir,
		GenerateKubeconfigPath:  kubeconfig,
		BackendMode:             []string{mapper.ModeDynamicFile},
		DynamicFilePath:         entries,
		DynamicFileUserIDStrict: true,
	})
	go authenticator.Run(ctx.Done())
	return kubeconfig, nil
}

// freePort is one that the system chose. The authenticator opens its listener itself and tells nobody where.
func freePort() (int, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort(loopback, "0"))
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}
