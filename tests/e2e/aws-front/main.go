// aws-front stands before an AWS-compatible API server, for Oarlock's end-to-end tests. It starts the server, writes down every
// call, refuses what AWS documents as refused and the server accepts, and answers what the server lacks: `aws-front --list`
// says what that is. With --api-server it stands before a Kubernetes API server instead, where calls go wrong as a file says, and nothing
// else is changed. It listens on loopback, on ports that the system chooses, and ends, the server with it, when its stdin does.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
)

// ready is what the one line of stdout says.
type ready struct {
	// Endpoint is for AWS_ENDPOINT_URL.
	Endpoint string `json:"endpoint"`
	// Recording has one call a line.
	Recording string `json:"recording"`
	// Proxy is for HTTPS_PROXY: through it https://sts.<region>.amazonaws.com is this server.
	Proxy string `json:"proxy,omitempty"`
	// CA is the file with the certificate authority of what the proxy shows, for SSL_CERT_FILE.
	CA string `json:"ca"`
}

func main() {
	list := flag.Bool("list", false, "say what is refused, answered and completed here, a line of JSON each, and end")
	upstream := flag.String("upstream", "", "the server's program, ministack or moto_server; it is told its port")
	limits := flag.String("limits", "", "file with how often something may be asked, a list in JSON")
	faults := flag.String("faults", "", "file with what is to go wrong, a list in JSON, read at each call")
	asIs := flag.Bool("as-is", false, "refuse, answer and complete nothing: the server alone answers")
	dir := flag.String("dir", "", "folder for everything that is written")
	clusters := flag.String("clusters", "", "file with what EKS decides about clusters, by ARN: endpoint, certificateAuthority, issuer")
	organization := flag.String("organization", "", "folder with what the AWS CLI prints of an organisation; none while it is empty")
	api := flag.String("api-server", "", "the address of a Kubernetes API server to stand before")
	apiCA := flag.String("api-server-ca", "", "file with its certificate authority")
	flag.Parse()
	err := errors.New("usage: aws-front --upstream PROGRAM --dir DIR [--clusters FILE] [--organization DIR] [--faults FILE] [--limits FILE] [--as-is], --api-server URL --api-server-ca FILE --dir DIR [--faults FILE] [--limits FILE], or --list")
	switch {
	case *list:
		err = printCatalogue(os.Stdout)
	case *api != "" && *dir != "":
		err = runAPI(*api, *apiCA, *dir, options{faults: *faults, limits: *limits})
	case *upstream != "" && *dir != "":
		err = run(*upstream, *dir, options{
			clusters: *clusters, organization: *organization, asIs: *asIs, faults: *faults, limits: *limits,
		})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "aws-front:", err)
		os.Exit(1)
	}
}

// options of the front.
type options struct {
	// clusters is the file with what EKS decides about clusters.
	clusters string
	// organization is the folder with what is told of an organisation.
	organization string
	asIs         bool
	// faults is the file with what is to go wrong.
	faults string
	// limits is the file with how often something may be asked.
	limits string
}

func run(program, dir string, options options) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	server, err := startUpstream(program, dir)
	if err != nil {
		return err
	}
	defer server.stop()
	ready, err := serve(server.address, dir, options)
	if err != nil {
		return err
	}
	if err := json.NewEncoder(os.Stdout).Encode(ready); err != nil {
		return err
	}
	stdin := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		close(stdin)
	}()
	select {
	case <-stdin:
		return nil
	case err := <-server.ended:
		return fmt.Errorf("the server ended: %w", err)
	}
}

// serve starts both listeners.
func serve(upstream, dir string, options options) (ready, error) {
	front, err := newFront(upstream, dir, options)
	if err != nil {
		return ready{}, err
	}
	endpoint, err := listen(front)
	if err != nil {
		return ready{}, err
	}
	tunnel, err := newTunnel(front, filepath.Join(dir, "sts-ca.pem"))
	if err != nil {
		return ready{}, err
	}
	proxy, err := listen(tunnel)
	if err != nil {
		return ready{}, err
	}
	return ready{Endpoint: endpoint, Recording: front.recording.path, Proxy: proxy, CA: tunnel.caFile}, nil
}

func listen(handler http.Handler) (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	go func() { _ = http.Serve(listener, handler) }()
	return "http://" + listener.Addr().String(), nil
}
