package main

import (
	"context"
	"crypto/rand"
	_ "embed"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/pflag"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	basecompatibility "k8s.io/component-base/compatibility"
	"k8s.io/component-base/featuregate"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
	apiserveroptions "k8s.io/kubernetes/cmd/kube-apiserver/app/options"
)

// auditPolicy leaves out what the cluster's own components ask.
//
//go:embed audit-policy.yaml
var auditPolicy []byte

// admin is who sets things up. The audit policy leaves it out by its name.
const admin = "oarlock:e2e:admin"

type options struct {
	dir, etcd, tokens string
	// extra are flags of kube-apiserver, after ours.
	extra []string
}

type server struct {
	ready
	admin *rest.Config
	ended <-chan error
}

// startAPIServer does what cmd/kube-apiserver/app's Run does, with a listener on a port that the system chooses: the flag
// --secure-port can't say that.
func startAPIServer(ctx context.Context, o options) (*server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	files, token, err := o.write()
	if err != nil {
		return nil, err
	}
	s := apiserveroptions.NewServerRunOptions()
	flags := pflag.NewFlagSet("kube-apiserver", pflag.ContinueOnError)
	for _, set := range s.Flags().FlagSets {
		flags.AddFlagSet(set)
	}
	if err := flags.Parse(append(o.flags(files), o.extra...)); err != nil {
		return nil, err
	}
	s.SecureServing.Listener = listener
	s.SecureServing.BindPort = listener.Addr().(*net.TCPAddr).Port
	gates := s.GenericServerRunOptions.ComponentGlobalsRegistry
	if err := gates.Set(); err != nil {
		return nil, err
	}
	gates.FeatureGateFor(basecompatibility.DefaultKubeComponent).(featuregate.MutableFeatureGate).AddMetrics()
	rest.SetDefaultWarningHandler(rest.NoWarnings{})
	completed, err := s.Complete(ctx)
	if err != nil {
		return nil, err
	}
	if errs := completed.Validate(); len(errs) != 0 {
		return nil, utilerrors.NewAggregate(errs)
	}
	ended := make(chan error, 1)
	go func() { ended <- app.Run(ctx, completed) }()

	url := "https://" + listener.Addr().String()
	started := &server{ready: ready{Server: url, CA: files.ca, Kubeconfig: files.kubeconfig, Audit: files.audit}, ended: ended}
	if started.admin, err = o.kubeconfig(url, token, files); err != nil {
		return nil, err
	}
	return started, started.healthy(ctx)
}

// healthy waits until the server says so, post-start hooks (the bootstrap roles) included.
func (s *server) healthy(ctx context.Context) error {
	client, err := kubernetes.NewForConfig(s.admin)
	if err != nil {
		return err
	}
	return wait.PollUntilContextTimeout(ctx, 50*time.Millisecond, 2*time.Minute, true, func(ctx context.Context) (bool, error) {
		select {
		case err := <-s.ended:
			return false, fmt.Errorf("ended before it was ready: %w", err)
		default:
		}
		_, err := client.Discovery().RESTClient().Get().AbsPath("/readyz").DoRaw(ctx)
		return err == nil, nil
	})
}

type files struct {
	certificates, ca, kubeconfig, audit, auditPolicy, tokens, key string
}

// write makes the files that the flags name, and the admin's token.
func (o options) write() (files, string, error) {
	in := func(name string) string { return filepath.Join(o.dir, name) }
	f := files{
		certificates: in("certificates"), ca: in("certificates/apiserver.crt"), kubeconfig: in("kubeconfig"), audit: in("audit.log"),
		auditPolicy: in("audit-policy.yaml"), tokens: in("tokens.csv"), key: in("service-account.key"),
	}
	token := rand.Text()
	tokens := []byte(fmt.Sprintf("%s,%s,%s,system:masters\n", token, admin, admin))
	if o.tokens != "" {
		more, err := os.ReadFile(o.tokens)
		if err != nil {
			return f, "", err
		}
		tokens = append(tokens, more...)
	}
	key, err := signingKey()
	if err != nil {
		return f, "", err
	}
	for path, contents := range map[string][]byte{f.auditPolicy: auditPolicy, f.tokens: tokens, f.key: key} {
		if err := os.WriteFile(path, contents, 0o600); err != nil {
			return f, "", err
		}
	}
	return f, token, nil
}

func (o options) flags(f files) []string {
	return []string{
		"--etcd-servers=" + o.etcd,
		"--bind-address=127.0.0.1",
		"--advertise-address=127.0.0.1",
		"--cert-dir=" + f.certificates,
		"--service-cluster-ip-range=10.0.0.0/16",
		// The only endpoint of the service `kubernetes` would be on loopback, which is refused.
		"--endpoint-reconciler-type=none",
		"--authorization-mode=RBAC",
		// Pods don't really run, so nobody would answer.
		"--disable-admission-plugins=MutatingAdmissionWebhook,ValidatingAdmissionWebhook",
		"--token-auth-file=" + f.tokens,
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-signing-key-file=" + f.key,
		"--service-account-key-file=" + f.key,
		"--audit-policy-file=" + f.auditPolicy,
		"--audit-log-path=" + f.audit,
		// A request is answered when it is logged: who reads the log after the answer finds it there.
		"--audit-log-mode=blocking-strict",
		"--profiling=false",
		"--v=1",
	}
}

func (o options) kubeconfig(url, token string, f files) (*rest.Config, error) {
	config := clientcmdapi.NewConfig()
	config.Clusters["e2e"] = &clientcmdapi.Cluster{Server: url, CertificateAuthority: f.ca}
	config.AuthInfos["admin"] = &clientcmdapi.AuthInfo{Token: token}
	config.Contexts["e2e"] = &clientcmdapi.Context{Cluster: "e2e", AuthInfo: "admin"}
	config.CurrentContext = "e2e"
	if err := clientcmd.WriteToFile(*config, f.kubeconfig); err != nil {
		return nil, err
	}
	admin, err := clientcmd.NewDefaultClientConfig(*config, nil).ClientConfig()
	if err != nil {
		return nil, err
	}
	// No throttling: the server is in the same process.
	admin.QPS = -1
	admin.UserAgent = strings.Join([]string{"oarlock-e2e", "apiserver"}, "/")
	return admin, nil
}
