package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
)

// command is one line of stdin.
type command struct {
	Op string `json:"op"`
	// App is an Application's name, in Argo CD's own namespace unless another is given.
	App            string `json:"app"`
	Namespace      string `json:"namespace"`
	TimeoutSeconds int    `json:"timeoutSeconds"`

	// How to sync.
	Prune   bool     `json:"prune"`
	DryRun  bool     `json:"dryRun"`
	Force   bool     `json:"force"`
	Options []string `json:"options"`
	// Resources to sync; all, if none is named.
	Resources []v1alpha1.SyncOperationResource `json:"resources"`

	// What to wait for.
	Sync      string `json:"sync"`
	Health    string `json:"health"`
	Operation string `json:"operation"`

	// Whether deleting the Application deletes its objects.
	Cascade bool `json:"cascade"`

	// What argocd-server is asked about.
	object
}

// converse answers each line of stdin by a line of stdout, until stdin ends.
func converse(ctx context.Context, answer func(context.Context, command) (any, error)) error {
	input := bufio.NewScanner(os.Stdin)
	input.Buffer(make([]byte, 1<<16), 1<<24)
	output := json.NewEncoder(os.Stdout)
	for input.Scan() {
		var c command
		if err := json.Unmarshal(input.Bytes(), &c); err != nil {
			return fmt.Errorf("%w in %s", err, input.Bytes())
		}
		within, cancel := context.WithTimeout(ctx, time.Duration(max(c.TimeoutSeconds, 1))*time.Second)
		result, err := answer(within, c)
		cancel()
		if err != nil {
			result = map[string]string{"error": err.Error()}
		}
		if err := output.Encode(result); err != nil {
			return err
		}
	}
	return input.Err()
}
