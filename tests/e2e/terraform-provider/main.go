// terraform-provider is a Terraform provider that has another provider's schema and nothing else: enough for `terraform
// validate`, which asks nobody but the schema which blocks and arguments there are. It serves the schema in the file
// `schema.json` beside it.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "terraform-provider:", err)
		os.Exit(1)
	}
}

// run serves until Terraform ends it. The program's own path tells which provider it is: Terraform names the file
// `terraform-provider-NAME_vVERSION`.
func run() error {
	program := os.Args[0]
	text, err := os.ReadFile(filepath.Join(filepath.Dir(program), "schema.json"))
	if err != nil {
		return err
	}
	var schema schemas
	if err := json.Unmarshal(text, &schema); err != nil {
		return err
	}
	_, name, _ := strings.Cut(filepath.Base(program), "terraform-provider-")
	name, _, _ = strings.Cut(name, "_v")
	serve := func() tfprotov6.ProviderServer { return &provider{schema: schema} }
	return tf6server.Serve("registry.terraform.io/hashicorp/"+name, serve)
}

// provider answers what `terraform validate` asks. The calls that it lacks belong to plans.
type provider struct {
	tfprotov6.ProviderServer
	schema schemas
}

func (p *provider) GetMetadata(context.Context, *tfprotov6.GetMetadataRequest) (*tfprotov6.GetMetadataResponse, error) {
	response := &tfprotov6.GetMetadataResponse{}
	for name := range p.schema.Resources {
		response.Resources = append(response.Resources, tfprotov6.ResourceMetadata{TypeName: name})
	}
	for name := range p.schema.DataSources {
		response.DataSources = append(response.DataSources, tfprotov6.DataSourceMetadata{TypeName: name})
	}
	return response, nil
}

func (p *provider) GetProviderSchema(context.Context, *tfprotov6.GetProviderSchemaRequest) (*tfprotov6.GetProviderSchemaResponse, error) {
	return &tfprotov6.GetProviderSchemaResponse{
		Provider:          p.schema.Provider.schema(),
		ResourceSchemas:   served(p.schema.Resources),
		DataSourceSchemas: served(p.schema.DataSources),
	}, nil
}

func (p *provider) ValidateProviderConfig(_ context.Context, request *tfprotov6.ValidateProviderConfigRequest) (*tfprotov6.ValidateProviderConfigResponse, error) {
	return &tfprotov6.ValidateProviderConfigResponse{PreparedConfig: request.Config}, nil
}

func (p *provider) ValidateResourceConfig(context.Context, *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return &tfprotov6.ValidateResourceConfigResponse{}, nil
}

func (p *provider) ValidateDataResourceConfig(context.Context, *tfprotov6.ValidateDataResourceConfigRequest) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return &tfprotov6.ValidateDataResourceConfigResponse{}, nil
}

func (p *provider) StopProvider(context.Context, *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	return &tfprotov6.StopProviderResponse{}, nil
}
