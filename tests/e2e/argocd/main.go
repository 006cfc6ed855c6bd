// argocd is Argo CD's own code as Oarlock's end-to-end tests drive it: the application controller, argocd-server's requests to
// clusters, the client that makes tokens for EKS, and the functions that decide what a cluster Secret, an AppProject and
// impersonation mean.
package main

import (
	"fmt"
	"os"

	k8sauth "github.com/argoproj/argo-cd/v3/cmd/argocd-k8s-auth/commands"
	log "github.com/sirupsen/logrus"
)

func main() {
	log.SetOutput(os.Stderr)
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "argocd:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	switch {
	case len(arguments) == 3 && arguments[0] == "controller" && arguments[1] == "--config":
		return runController(arguments[2])
	case len(arguments) == 1 && arguments[0] == "oracle":
		return runOracle()
	case len(arguments) > 0 && arguments[0] == "k8s-auth":
		command := k8sauth.NewCommand()
		command.SetArgs(arguments[1:])
		return command.Execute()
	}
	return fmt.Errorf("usage: argocd controller --config FILE | argocd oracle | argocd k8s-auth aws …")
}
