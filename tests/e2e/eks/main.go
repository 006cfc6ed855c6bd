// eks is what EKS does around a kube-apiserver, for Oarlock's end-to-end tests: the token webhook, which is
// aws-iam-authenticator's own server, fed with the cluster's access entries; and an authorization webhook that holds the
// published access policies. Both learn from the AWS API what is there, as it changes. It listens on loopback, on ports that the
// system chooses, and ends when its stdin does.
//
// The authenticator calls STS by its real names, https://sts.REGION.amazonaws.com: HTTPS_PROXY and SSL_CERT_FILE lead these
// calls elsewhere. AWS_ENDPOINT_URL is the AWS API server that the access entries are read from.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

// emulated is what isn't EKS's own code, nor anybody's whom we trust to behave like it.
var emulated = []string{
	"EKS telling its authenticator about access entries (a DynamicFile with the roles' unique ids)",
	"EKS's authorizer for access policies (an authorization webhook with the published rules)",
}

// ready is what the one line of stdout says.
type ready struct {
	// Authentication is the file for --authentication-token-webhook-config-file.
	Authentication string `json:"authentication"`
	// Authorization is the file for --authorization-webhook-config-file.
	Authorization string `json:"authorization"`
	// Emulated is what a test with this program doesn't prove.
	Emulated []string `json:"emulated"`
}

func main() {
	var options options
	flag.StringVar(&options.dir, "dir", "", "folder for everything that is written")
	flag.StringVar(&options.account, "account", "", "the account that the cluster is in")
	flag.StringVar(&options.region, "region", "", "its region")
	flag.StringVar(&options.cluster, "cluster", "", "its name, also the one that tokens have to be signed for")
	flag.StringVar(&options.policies, "access-policies", "", "the published access policies, as crates/rbac keeps them")
	flag.Parse()
	if err := run(options); err != nil {
		fmt.Fprintln(os.Stderr, "eks:", err)
		os.Exit(1)
	}
}

type options struct {
	dir, account, region, cluster, policies string
}

func run(options options) error {
	dir, err := filepath.Abs(options.dir)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	policies, err := readPolicies(options.policies)
	if err != nil {
		return err
	}
	authorizer := &authorizer{policies: policies}
	authorization, err := authorizer.serve(ctx, dir)
	if err != nil {
		return fmt.Errorf("authorization webhook: %w", err)
	}
	mirror, err := newMirror(ctx, options, filepath.Join(dir, "access-entries.json"), authorizer)
	if err != nil {
		return err
	}
	if err := mirror.update(ctx); err != nil {
		return err
	}
	authentication, err := startAuthenticator(ctx, options.cluster, dir, mirror.file)
	if err != nil {
		return fmt.Errorf("aws-iam-authenticator: %w", err)
	}
	go mirror.follow(ctx)
	err = json.NewEncoder(os.Stdout).Encode(ready{authentication, authorization, emulated})
	if err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}
