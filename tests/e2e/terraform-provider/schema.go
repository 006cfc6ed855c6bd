package main

import (
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// schemas is the file `schema.json`, in the words of `terraform providers schema -json`.
type schemas struct {
	Provider    block            `json:"provider"`
	Resources   map[string]block `json:"resource_schemas"`
	DataSources map[string]block `json:"data_source_schemas"`
}

type block struct {
	Attributes map[string]attribute `json:"attributes"`
	BlockTypes map[string]nested    `json:"block_types"`
}

type attribute struct {
	Type     wireType `json:"type"`
	Required bool     `json:"required"`
	Optional bool     `json:"optional"`
	Computed bool     `json:"computed"`
}

type nested struct {
	Nesting  nesting `json:"nesting_mode"`
	Block    block   `json:"block"`
	MinItems int64   `json:"min_items"`
	MaxItems int64   `json:"max_items"`
}

// wireType is a type as Terraform writes it in JSON: "string", ["list", "string"].
type wireType struct{ tftypes.Type }

// nesting is "single", "list" or "set".
type nesting struct {
	tfprotov6.SchemaNestedBlockNestingMode
}

func (t *wireType) UnmarshalJSON(text []byte) (err error) {
	//nolint:staticcheck // Terraform's own form of types in JSON, for which there is no other parser.
	t.Type, err = tftypes.ParseJSONType(text)
	return err
}

func (n *nesting) UnmarshalJSON(text []byte) error {
	var name string
	if err := json.Unmarshal(text, &name); err != nil {
		return err
	}
	modes := map[string]tfprotov6.SchemaNestedBlockNestingMode{
		"single": tfprotov6.SchemaNestedBlockNestingModeSingle,
		"list":   tfprotov6.SchemaNestedBlockNestingModeList,
		"set":    tfprotov6.SchemaNestedBlockNestingModeSet,
	}
	n.SchemaNestedBlockNestingMode = modes[name]
	return nil
}

func served(blocks map[string]block) map[string]*tfprotov6.Schema {
	schemas := make(map[string]*tfprotov6.Schema, len(blocks))
	for name, block := range blocks {
		schemas[name] = block.schema()
	}
	return schemas
}

func (b block) schema() *tfprotov6.Schema {
	return &tfprotov6.Schema{Block: b.served()}
}

func (b block) served() *tfprotov6.SchemaBlock {
	served := &tfprotov6.SchemaBlock{}
	for name, a := range b.Attributes {
		served.Attributes = append(served.Attributes, &tfprotov6.SchemaAttribute{
			Name: name, Type: a.Type.Type, Required: a.Required, Optional: a.Optional, Computed: a.Computed,
		})
	}
	for name, n := range b.BlockTypes {
		served.BlockTypes = append(served.BlockTypes, &tfprotov6.SchemaNestedBlock{
			TypeName: name, Block: n.Block.served(), Nesting: n.Nesting.SchemaNestedBlockNestingMode,
			MinItems: n.MinItems, MaxItems: n.MaxItems,
		})
	}
	return served
}
