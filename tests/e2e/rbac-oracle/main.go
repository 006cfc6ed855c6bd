// rbac-oracle answers, one JSON line for each, the questions that Oarlock's `rbac` crate answers too: with Kubernetes' own
// authorizer, rule resolver and escalation check, or, with --kubeconfig, by asking a live API server.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"

	rbacv1 "k8s.io/api/rbac/v1"
)

// question is one line of input: exactly one field is set.
type question struct {
	Policy    *policy    `json:"policy"`
	Authorize *attribute `json:"authorize"`
	Covers    *covers    `json:"covers"`
	Escalate  *escalate  `json:"escalate"`
	Rules     *rules     `json:"rules"`
	// Only a live server answers these.
	Objects *struct{}  `json:"objects"`
	Write   *write     `json:"write"`
	All     []question `json:"all"`
}

// policy takes the place of the one before.
type policy struct {
	Roles               []*rbacv1.Role               `json:"roles"`
	ClusterRoles        []*rbacv1.ClusterRole        `json:"clusterRoles"`
	RoleBindings        []*rbacv1.RoleBinding        `json:"roleBindings"`
	ClusterRoleBindings []*rbacv1.ClusterRoleBinding `json:"clusterRoleBindings"`
}

type identity struct {
	User   string   `json:"user"`
	Groups []string `json:"groups"`
}

// attribute is one request; with a path it is about no resource.
type attribute struct {
	identity
	Verb        string `json:"verb"`
	Group       string `json:"group"`
	Resource    string `json:"resource"`
	Subresource string `json:"subresource"`
	Namespace   string `json:"namespace"`
	Name        string `json:"name"`
	Path        string `json:"path"`
}

type covers struct {
	Held   []rbacv1.PolicyRule `json:"held"`
	Wanted []rbacv1.PolicyRule `json:"wanted"`
}

// escalate asks whether somebody may hand out rules in a namespace, or at cluster scope.
type escalate struct {
	identity
	Namespace string              `json:"namespace"`
	Rules     []rbacv1.PolicyRule `json:"rules"`
}

// rules asks for all that somebody holds in a namespace.
type rules struct {
	identity
	Namespace string `json:"namespace"`
}

// write asks whether somebody may write an object, without leaving it there.
type write struct {
	identity
	// Operation is `create`, `update`, `patch` or `apply`.
	Operation string          `json:"operation"`
	Object    json.RawMessage `json:"object"`
}

type oracle interface {
	// adopt takes a policy in the place of the one before; a nil answer is none.
	adopt(context.Context, policy) (any, error)
	answer(context.Context, question) (any, error)
}

func run(ctx context.Context, kubeconfig string) error {
	input := bufio.NewScanner(os.Stdin)
	input.Buffer(make([]byte, 1<<20), 1<<26)
	output := bufio.NewWriter(os.Stdout)
	defer output.Flush()
	encoder := json.NewEncoder(output)
	var current oracle = newLibrary(policy{})
	if kubeconfig != "" {
		server, err := newLive(kubeconfig)
		if err != nil {
			return err
		}
		if err := encoder.Encode(map[string]string{"asks": server.config.Host}); err != nil {
			return err
		}
		current = server
	}
	for {
		// Whoever waits for the answer to a line asks nothing more before it.
		if kubeconfig != "" {
			if err := output.Flush(); err != nil {
				return err
			}
		}
		if !input.Scan() {
			return input.Err()
		}
		var q question
		if err := json.Unmarshal(input.Bytes(), &q); err != nil {
			return fmt.Errorf("%w in %s", err, input.Bytes())
		}
		var answer any
		var err error
		if q.Policy != nil {
			answer, err = current.adopt(ctx, *q.Policy)
		} else {
			answer, err = current.answer(ctx, q)
		}
		if err != nil {
			return fmt.Errorf("%w in %s", err, input.Bytes())
		}
		if answer == nil {
			continue
		}
		if err := encoder.Encode(answer); err != nil {
			return err
		}
	}
}

func main() {
	kubeconfig := flag.String("kubeconfig", "", "ask this cluster's API server, as somebody in system:masters")
	webhook := flag.Bool("webhook", false, "answer no questions but those of an API server, as its authorization webhook")
	flag.Parse()
	answer := func() error { return run(context.Background(), *kubeconfig) }
	if *webhook {
		answer = serveWebhook
	}
	if err := answer(); err != nil {
		fmt.Fprintln(os.Stderr, "rbac-oracle:", err)
		os.Exit(1)
	}
}
