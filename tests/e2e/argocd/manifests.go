package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"

	"google.golang.org/grpc"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/reposerver/apiclient"
	"github.com/argoproj/argo-cd/v3/reposerver/repository"
	"github.com/argoproj/argo-cd/v3/util/git"
	utilio "github.com/argoproj/argo-cd/v3/util/io"
)

// repositories takes the repo server's place: every Application's source is a folder, or one file, of rendered manifests on
// disk, read anew each time by the repo server's own code for directories. What the controller doesn't call isn't there.
type repositories struct {
	apiclient.RepoServerServiceClient
	// paths by the Application's instance name: its name, or namespace_name outside of Argo CD's own namespace.
	paths     map[string]string
	namespace string
}

func (r *repositories) NewRepoServerClient() (utilio.Closer, apiclient.RepoServerServiceClient, error) {
	return utilio.NopCloser, r, nil
}

func (r *repositories) GenerateManifest(
	ctx context.Context, in *apiclient.ManifestRequest, _ ...grpc.CallOption,
) (*apiclient.ManifestResponse, error) {
	path, ok := r.paths[in.AppName]
	if !ok {
		return nil, fmt.Errorf("nobody said where the manifests of %s are", in.AppName)
	}
	folder, directory := path, &v1alpha1.ApplicationSourceDirectory{Recurse: true}
	if status, err := os.Stat(path); err != nil {
		return nil, err
	} else if !status.IsDir() {
		folder, directory.Include = filepath.Dir(path), filepath.Base(path)
	}
	revision, err := digest(path)
	if err != nil {
		return nil, err
	}
	in.ApplicationSource = &v1alpha1.ApplicationSource{RepoURL: in.ApplicationSource.RepoURL, Path: ".", Directory: directory}
	response, err := repository.GenerateManifests(ctx, folder, folder, revision, in, true, &git.NoopCredsStore{},
		resource.MustParse("0"), utilio.NewRandomizedTempPaths(os.TempDir()))
	if err != nil {
		return nil, err
	}
	response.Revision = revision
	return response, nil
}

// ResolveRevision answers as for a branch whose head is what is on disk.
func (r *repositories) ResolveRevision(
	_ context.Context, in *apiclient.ResolveRevisionRequest, _ ...grpc.CallOption,
) (*apiclient.ResolveRevisionResponse, error) {
	revision, err := digest(r.paths[in.App.InstanceName(r.namespace)])
	return &apiclient.ResolveRevisionResponse{Revision: revision, AmbiguousRevision: in.AmbiguousRevision}, err
}

// digest of all that is below a path, as long as a Git commit's.
func digest(path string) (string, error) {
	sum := sha256.New()
	err := filepath.WalkDir(path, func(file string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		contents, err := os.ReadFile(file)
		_, _ = fmt.Fprintf(sum, "%s %d\n%s", file, len(contents), contents)
		return err
	})
	return hex.EncodeToString(sum.Sum(nil))[:40], err
}
