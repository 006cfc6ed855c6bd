package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	log "github.com/sirupsen/logrus"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/util/db"
	"github.com/argoproj/argo-cd/v3/util/settings"
)

// question is one line of input: exactly one field is set.
type question struct {
	ClusterSecret  *corev1.Secret  `json:"clusterSecret"`
	Permitted      *permitted      `json:"permitted"`
	GroupKind      *groupKind      `json:"groupKind"`
	ServiceAccount *serviceAccount `json:"serviceAccount"`
}

// permitted asks whether a project's Applications may deploy to a namespace of a cluster.
type permitted struct {
	Project     v1alpha1.AppProject             `json:"project"`
	Destination v1alpha1.ApplicationDestination `json:"destination"`
	// Clusters are all that Argo CD knows; a project's own are those that name it.
	Clusters []*v1alpha1.Cluster `json:"clusters"`
}

// groupKind asks whether they may deploy objects of a kind.
type groupKind struct {
	Project    v1alpha1.AppProject `json:"project"`
	Group      string              `json:"group"`
	Kind       string              `json:"kind"`
	Name       string              `json:"name"`
	Namespaced bool                `json:"namespaced"`
}

// serviceAccount asks as whom an Application is synced to the cluster of an API server.
type serviceAccount struct {
	Project     v1alpha1.AppProject  `json:"project"`
	Application v1alpha1.Application `json:"application"`
	Server      string               `json:"server"`
}

// answer is a value or an error, as Argo CD's functions have it.
type answer struct {
	Value any    `json:"value"`
	Error string `json:"error,omitempty"`
	Panic string `json:"panic,omitempty"`
}

// cluster is what Argo CD takes from a cluster Secret.
type cluster struct {
	Name               string            `json:"name"`
	Server             string            `json:"server"`
	Namespaces         []string          `json:"namespaces"`
	ClusterResources   bool              `json:"clusterResources"`
	Project            string            `json:"project"`
	Shard              *int64            `json:"shard"`
	Labels             map[string]string `json:"labels"`
	Annotations        map[string]string `json:"annotations"`
	DisableCompression bool              `json:"disableCompression"`
	ProxyURL           string            `json:"proxyUrl"`
	Connection         connection        `json:"connection"`
}

// connection is what the Secret decides of a rest.Config.
type connection struct {
	// InCluster means: as the service account of Argo CD's own pod, which nobody has here.
	InCluster   bool       `json:"inCluster"`
	Error       string     `json:"error"`
	Host        string     `json:"host"`
	Username    string     `json:"username"`
	Password    string     `json:"password"`
	BearerToken string     `json:"bearerToken"`
	Insecure    bool       `json:"insecure"`
	ServerName  string     `json:"serverName"`
	CAData      string     `json:"caData"`
	CertData    string     `json:"certData"`
	KeyData     string     `json:"keyData"`
	Exec        *execution `json:"exec"`
}

// execution is the command that prints credentials.
type execution struct {
	APIVersion         string            `json:"apiVersion"`
	Command            string            `json:"command"`
	Args               []string          `json:"args"`
	Env                map[string]string `json:"env"`
	InstallHint        string            `json:"installHint"`
	ProvideClusterInfo bool              `json:"provideClusterInfo"`
	Config             json.RawMessage   `json:"config,omitempty"`
}

// runOracle answers, one JSON line for each, the questions that Oarlock's `argocd` crate answers too.
func runOracle() error {
	// What it warns of is in the answers.
	log.SetLevel(log.ErrorLevel)
	input := bufio.NewScanner(os.Stdin)
	input.Buffer(make([]byte, 1<<20), 1<<26)
	output := bufio.NewWriter(os.Stdout)
	defer func() { _ = output.Flush() }()
	encoder := json.NewEncoder(output)
	for input.Scan() {
		var q question
		if err := json.Unmarshal(input.Bytes(), &q); err != nil {
			return fmt.Errorf("%w in %s", err, input.Bytes())
		}
		if err := encoder.Encode(q.answer()); err != nil {
			return err
		}
	}
	return input.Err()
}

// answer recovers where the library for patterns (github.com/gobwas/glob v0.2.3, match/row.go) reads past a text's end.
func (q question) answer() (a answer) {
	defer func() {
		if reason := recover(); reason != nil {
			a = answer{Panic: fmt.Sprint(reason)}
		}
	}()
	value, err := q.decide()
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Value: value}
}

func (q question) decide() (any, error) {
	switch {
	case q.ClusterSecret != nil:
		return parsed(q.ClusterSecret)
	case q.Permitted != nil:
		return q.Permitted.decide()
	case q.GroupKind != nil:
		g := q.GroupKind
		kind := schema.GroupKind{Group: g.Group, Kind: g.Kind}
		return g.Project.IsGroupKindNamePermitted(kind, g.Name, g.Namespaced), nil
	case q.ServiceAccount != nil:
		s := q.ServiceAccount
		return settings.DeriveServiceAccountToImpersonate(&s.Project, &s.Application, &v1alpha1.Cluster{Server: s.Server})
	}
	return nil, errors.New("a line asks nothing")
}

func (p permitted) decide() (bool, error) {
	destination := &v1alpha1.Cluster{Server: p.Destination.Server, Name: p.Destination.Name}
	return p.Project.IsDestinationPermitted(destination, p.Destination.Namespace,
		func(project string) ([]*v1alpha1.Cluster, error) {
			var own []*v1alpha1.Cluster
			for _, cluster := range p.Clusters {
				if cluster.Project == project {
					own = append(own, cluster)
				}
			}
			return own, nil
		})
}

func parsed(secret *corev1.Secret) (*cluster, error) {
	// As the API server reads it (pkg/apis/core/v1/conversion.go, Convert_v1_Secret_To_core_Secret).
	for key, text := range secret.StringData {
		if secret.Data == nil {
			secret.Data = map[string][]byte{}
		}
		secret.Data[key] = []byte(text)
	}
	c, err := db.SecretToCluster(secret)
	if err != nil {
		return nil, err
	}
	return &cluster{
		Name: c.Name, Server: c.Server, Namespaces: list(c.Namespaces), ClusterResources: c.ClusterResources,
		Project: c.Project, Shard: c.Shard, Labels: c.Labels, Annotations: c.Annotations,
		DisableCompression: c.Config.DisableCompression, ProxyURL: c.Config.ProxyUrl, Connection: connected(c),
	}, nil
}

func connected(c *v1alpha1.Cluster) connection {
	config, err := c.RawRestConfig()
	if err != nil {
		if errors.Is(err, rest.ErrNotInCluster) {
			return connection{InCluster: true}
		}
		return connection{Error: err.Error()}
	}
	tls := config.TLSClientConfig
	found := connection{
		Host: config.Host, Username: config.Username, Password: config.Password, BearerToken: config.BearerToken,
		Insecure: tls.Insecure, ServerName: tls.ServerName,
		CAData: string(tls.CAData), CertData: string(tls.CertData), KeyData: string(tls.KeyData),
	}
	if exec := config.ExecProvider; exec != nil {
		found.Exec = &execution{
			APIVersion: exec.APIVersion, Command: exec.Command, Args: list(exec.Args), Env: map[string]string{},
			InstallHint: exec.InstallHint, ProvideClusterInfo: exec.ProvideClusterInfo,
		}
		for _, variable := range exec.Env {
			found.Exec.Env[variable.Name] = variable.Value
		}
		if raw, ok := exec.Config.(*runtime.Unknown); ok {
			found.Exec.Config = raw.Raw
		}
	}
	return found
}

// list is there even if it is empty.
func list(texts []string) []string {
	return append([]string{}, texts...)
}
