// argocd-k8s-auth is Argo CD's own client for clusters whose Secret has an awsAuthConfig, as the images of Argo CD have it:
// its components run `argocd-k8s-auth aws --cluster-name NAME --role-arn ARN` for a token (util/argo/… RawRestConfig).
package main

import (
	"os"

	"github.com/argoproj/argo-cd/v3/cmd/argocd-k8s-auth/commands"
)

func main() {
	if err := commands.NewCommand().Execute(); err != nil {
		os.Exit(1)
	}
}
