package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// schemas are the schemas of one provider as the plugin protocol wants them.
type schemas struct {
	provider    *tfprotov6.Schema
	resources   map[string]*tfprotov6.Schema
	dataSources map[string]*tfprotov6.Schema
}

// The file has the shape of one provider in `terraform providers schema -json`.
type (
	fileJSON struct {
		Provider    schemaJSON            `json:"provider"`
		Resources   map[string]schemaJSON `json:"resource_schemas"`
		DataSources map[string]schemaJSON `json:"data_source_schemas"`
	}
	schemaJSON struct {
		Block blockJSON `json:"block"`
	}
	blockJSON struct {
		Attributes map[string]attributeJSON `json:"attributes"`
		BlockTypes map[string]blockTypeJSON `json:"block_types"`
	}
	attributeJSON struct {
		Type       json.RawMessage `json:"type"`
		NestedType *nestedTypeJSON `json:"nested_type"`
		Required   bool            `json:"required"`
		Optional   bool            `json:"optional"`
		Computed   bool            `json:"computed"`
		WriteOnly  bool            `json:"write_only"`
	}
	nestedTypeJSON struct {
		Attributes  map[string]attributeJSON `json:"attributes"`
		NestingMode string                   `json:"nesting_mode"`
	}
	blockTypeJSON struct {
		Block       blockJSON `json:"block"`
		NestingMode string    `json:"nesting_mode"`
		MinItems    int64     `json:"min_items"`
		MaxItems    int64     `json:"max_items"`
	}
)

var objectNestings = map[string]tfprotov6.SchemaObjectNestingMode{
	"single": tfprotov6.SchemaObjectNestingModeSingle,
	"list":   tfprotov6.SchemaObjectNestingModeList,
	"set":    tfprotov6.SchemaObjectNestingModeSet,
	"map":    tfprotov6.SchemaObjectNestingModeMap,
}

var blockNestings = map[string]tfprotov6.SchemaNestedBlockNestingMode{
	"single": tfprotov6.SchemaNestedBlockNestingModeSingle,
	"list":   tfprotov6.SchemaNestedBlockNestingModeList,
	"set":    tfprotov6.SchemaNestedBlockNestingModeSet,
	"map":    tfprotov6.SchemaNestedBlockNestingModeMap,
}

func loadSchemas(path string) (*schemas, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var file fileJSON
	if err := json.Unmarshal(content, &file); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	loaded := &schemas{}
	if loaded.provider, err = file.Provider.schema(); err != nil {
		return nil, fmt.Errorf("%s: provider%w", path, err)
	}
	if loaded.resources, err = schemaMap(file.Resources); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if loaded.dataSources, err = schemaMap(file.DataSources); err != nil {
		return nil, fmt.Errorf("%s: data.%w", path, err)
	}
	return loaded, nil
}

func schemaMap(found map[string]schemaJSON) (map[string]*tfprotov6.Schema, error) {
	converted := make(map[string]*tfprotov6.Schema, len(found))
	for name, schema := range found {
		var err error
		if converted[name], err = schema.schema(); err != nil {
			return nil, fmt.Errorf("%s%w", name, err)
		}
	}
	return converted, nil
}

func (schema schemaJSON) schema() (*tfprotov6.Schema, error) {
	block, err := schema.Block.block()
	return &tfprotov6.Schema{Block: block}, err
}

func (block blockJSON) block() (*tfprotov6.SchemaBlock, error) {
	attributes, err := attributeList(block.Attributes)
	if err != nil {
		return nil, err
	}
	converted := &tfprotov6.SchemaBlock{Attributes: attributes}
	for name, nested := range block.BlockTypes {
		inner, err := nested.Block.block()
		if err != nil {
			return nil, fmt.Errorf(".%s%w", name, err)
		}
		nesting, known := blockNestings[nested.NestingMode]
		if !known {
			return nil, fmt.Errorf(".%s: unknown nesting mode %q", name, nested.NestingMode)
		}
		converted.BlockTypes = append(converted.BlockTypes, &tfprotov6.SchemaNestedBlock{
			TypeName: name,
			Block:    inner,
			Nesting:  nesting,
			MinItems: nested.MinItems,
			MaxItems: nested.MaxItems,
		})
	}
	slices.SortFunc(converted.BlockTypes, func(a, b *tfprotov6.SchemaNestedBlock) int {
		return cmp.Compare(a.TypeName, b.TypeName)
	})
	return converted, nil
}

func attributeList(found map[string]attributeJSON) ([]*tfprotov6.SchemaAttribute, error) {
	converted := make([]*tfprotov6.SchemaAttribute, 0, len(found))
	for name, attribute := range found {
		one, err := attribute.attribute(name)
		if err != nil {
			return nil, fmt.Errorf(".%s%w", name, err)
		}
		converted = append(converted, one)
	}
	slices.SortFunc(converted, func(a, b *tfprotov6.SchemaAttribute) int { return cmp.Compare(a.Name, b.Name) })
	return converted, nil
}

func (attribute attributeJSON) attribute(name string) (*tfprotov6.SchemaAttribute, error) {
	converted := &tfprotov6.SchemaAttribute{
		Name:      name,
		Required:  attribute.Required,
		Optional:  attribute.Optional,
		Computed:  attribute.Computed,
		WriteOnly: attribute.WriteOnly,
	}
	var err error
	if attribute.NestedType != nil {
		converted.NestedType, err = attribute.NestedType.object()
	} else {
		converted.Type, err = typeOf(attribute.Type)
	}
	return converted, err
}

func (nested nestedTypeJSON) object() (*tfprotov6.SchemaObject, error) {
	attributes, err := attributeList(nested.Attributes)
	if err != nil {
		return nil, err
	}
	nesting, known := objectNestings[nested.NestingMode]
	if !known {
		return nil, fmt.Errorf(": unknown nesting mode %q", nested.NestingMode)
	}
	return &tfprotov6.SchemaObject{Attributes: attributes, Nesting: nesting}, nil
}

// typeOf reads Terraform's notation of types: "string", ["list", "string"], ["object", {"name": "string"}].
func typeOf(notation json.RawMessage) (tftypes.Type, error) {
	var primitive string
	if json.Unmarshal(notation, &primitive) == nil {
		return primitiveType(primitive)
	}
	var kind string
	var of json.RawMessage
	if err := json.Unmarshal(notation, &[]any{&kind, &of}); err != nil || of == nil {
		return nil, fmt.Errorf(": unknown type %s", notation)
	}
	if kind == "object" {
		return objectType(of)
	}
	element, err := typeOf(of)
	if err != nil {
		return nil, err
	}
	switch kind {
	case "list":
		return tftypes.List{ElementType: element}, nil
	case "set":
		return tftypes.Set{ElementType: element}, nil
	case "map":
		return tftypes.Map{ElementType: element}, nil
	}
	return nil, fmt.Errorf(": unknown type %s", notation)
}

func primitiveType(name string) (tftypes.Type, error) {
	switch name {
	case "string":
		return tftypes.String, nil
	case "number":
		return tftypes.Number, nil
	case "bool":
		return tftypes.Bool, nil
	case "dynamic":
		return tftypes.DynamicPseudoType, nil
	}
	return nil, fmt.Errorf(": unknown type %q", name)
}

func objectType(notation json.RawMessage) (tftypes.Type, error) {
	var attributes map[string]json.RawMessage
	if err := json.Unmarshal(notation, &attributes); err != nil {
		return nil, fmt.Errorf(": unknown object type %s", notation)
	}
	types := make(map[string]tftypes.Type, len(attributes))
	for name, attribute := range attributes {
		var err error
		if types[name], err = typeOf(attribute); err != nil {
			return nil, fmt.Errorf(".%s%w", name, err)
		}
	}
	return tftypes.Object{AttributeTypes: types}, nil
}
