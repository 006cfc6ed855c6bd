// apiserver is a Kubernetes cluster in one process, for Oarlock's end-to-end tests: etcd, the genuine kube-apiserver with RBAC
// and audit log, those of kube-controller-manager's controllers that make objects of other objects, and a kubelet that only
// says that pods run. It listens on loopback, on ports that the system chooses, and ends when its stdin does.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"k8s.io/klog/v2"
)

// ready is what the one line of stdout says.
type ready struct {
	// Server is the URL.
	Server string `json:"server"`
	// CA is the file with the server's certificate authority.
	CA string `json:"ca"`
	// Kubeconfig is that of somebody in system:masters.
	Kubeconfig string `json:"kubeconfig"`
	// Audit is the audit log, one event a line.
	Audit string `json:"audit"`
}

func main() {
	dir := flag.String("dir", "", "folder for everything that is written")
	tokens := flag.String("tokens", "", "static tokens in kube-apiserver's own format: token,user,uid,\"group,…\"")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: apiserver --dir DIR [--tokens FILE] [-- FLAG OF KUBE-APISERVER…]")
		flag.PrintDefaults()
	}
	flag.Parse()
	if err := run(*dir, *tokens, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "apiserver:", err)
		os.Exit(1)
	}
}

func run(dir, tokens string, extra []string) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	klog.SetOutput(os.Stderr)
	store, err := startEtcd(filepath.Join(dir, "etcd"))
	if err != nil {
		return fmt.Errorf("etcd: %w", err)
	}
	// kube-apiserver hangs on its way out if etcd is gone before it.
	defer store.Close()

	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	server, err := startAPIServer(ctx, options{dir: dir, etcd: store.endpoint, tokens: tokens, extra: extra})
	if err != nil {
		return fmt.Errorf("kube-apiserver: %w", err)
	}
	if err := startControllers(ctx, server.admin); err != nil {
		return fmt.Errorf("controllers: %w", err)
	}
	if err := startKubelet(ctx, server.admin); err != nil {
		return fmt.Errorf("kubelet: %w", err)
	}
	if err := startOutside(ctx, server.admin); err != nil {
		return fmt.Errorf("outside: %w", err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(server.ready); err != nil {
		return err
	}
	return <-server.ended
}
