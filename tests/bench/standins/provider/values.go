package main

import (
	"crypto/rand"
	"encoding/hex"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// A change gets every attribute in a value, from the outside in, with its address: type.block.name.
type change func(attribute *tfprotov6.SchemaAttribute, address string, value tftypes.Value) (tftypes.Value, error)

// planned turns a proposed state into a planned one: what the provider computes and nobody set
// becomes unknown, and write-only values are dropped, since they must not reach the state.
func planned(block *tfprotov6.SchemaBlock, address string, value tftypes.Value) (tftypes.Value, error) {
	return changeBlock(block, address, value, plannedAttribute)
}

func plannedAttribute(
	attribute *tfprotov6.SchemaAttribute, _ string, value tftypes.Value,
) (tftypes.Value, error) {
	switch {
	case attribute.WriteOnly:
		return null(attribute), nil
	case attribute.Computed && value.IsNull():
		return tftypes.NewValue(attribute.ValueType(), tftypes.UnknownValue), nil
	}
	return value, nil
}

// settled replaces everything that is unknown by something made up. The id is the caller's.
func settled(block *tfprotov6.SchemaBlock, address, id string, value tftypes.Value) (tftypes.Value, error) {
	idAddress := address + ".id"
	settle := func(
		attribute *tfprotov6.SchemaAttribute, address string, value tftypes.Value,
	) (tftypes.Value, error) {
		switch {
		case value.IsKnown():
			return value, nil
		case address == idAddress && attribute.ValueType().Is(tftypes.String):
			return tftypes.NewValue(tftypes.String, id), nil
		}
		return madeUpAttribute(attribute, address)
	}
	return changeBlock(block, address, value, settle)
}

func changeBlock(
	block *tfprotov6.SchemaBlock, address string, value tftypes.Value, change change,
) (tftypes.Value, error) {
	return eachObject(value, func(members map[string]tftypes.Value) error {
		for _, nested := range block.BlockTypes {
			var err error
			name := nested.TypeName
			members[name], err = changeBlock(nested.Block, address+"."+name, members[name], change)
			if err != nil {
				return err
			}
		}
		return changeAttributes(block.Attributes, address, members, change)
	})
}

func changeAttributes(
	attributes []*tfprotov6.SchemaAttribute, address string, members map[string]tftypes.Value, change change,
) error {
	for _, attribute := range attributes {
		inner := address + "." + attribute.Name
		value, err := change(attribute, inner, members[attribute.Name])
		if err != nil {
			return err
		}
		if members[attribute.Name], err = changeNested(attribute, inner, value, change); err != nil {
			return err
		}
	}
	return nil
}

func changeNested(
	attribute *tfprotov6.SchemaAttribute, address string, value tftypes.Value, change change,
) (tftypes.Value, error) {
	if attribute.NestedType == nil {
		return value, nil
	}
	return eachObject(value, func(members map[string]tftypes.Value) error {
		return changeAttributes(attribute.NestedType.Attributes, address, members, change)
	})
}

// eachObject edits an object, or every object in a list, set or map. Null and unknown values stay.
func eachObject(value tftypes.Value, edit func(map[string]tftypes.Value) error) (tftypes.Value, error) {
	if value.IsNull() || !value.IsKnown() {
		return value, nil
	}
	switch kind := value.Type().(type) {
	case tftypes.Object:
		var members map[string]tftypes.Value
		if err := value.As(&members); err != nil {
			return value, err
		}
		err := edit(members)
		return tftypes.NewValue(kind, members), err
	case tftypes.Map:
		var elements map[string]tftypes.Value
		if err := value.As(&elements); err != nil {
			return value, err
		}
		for key := range elements {
			var err error
			if elements[key], err = eachObject(elements[key], edit); err != nil {
				return value, err
			}
		}
		return tftypes.NewValue(kind, elements), nil
	default: // list or set
		var elements []tftypes.Value
		if err := value.As(&elements); err != nil {
			return value, err
		}
		for i := range elements {
			var err error
			if elements[i], err = eachObject(elements[i], edit); err != nil {
				return value, err
			}
		}
		return tftypes.NewValue(kind, elements), nil
	}
}

func null(attribute *tfprotov6.SchemaAttribute) tftypes.Value {
	return tftypes.NewValue(attribute.ValueType(), nil)
}

// madeUpAttribute leaves null what is not computed. In a nested attribute, a value there would tell
// terraform that somebody configured it, and every later plan would want it gone.
func madeUpAttribute(attribute *tfprotov6.SchemaAttribute, address string) (tftypes.Value, error) {
	onlyComputed := func(
		attribute *tfprotov6.SchemaAttribute, _ string, value tftypes.Value,
	) (tftypes.Value, error) {
		if attribute.Computed {
			return value, nil
		}
		return null(attribute), nil
	}
	return changeNested(attribute, address, madeUp(attribute.ValueType(), address), onlyComputed)
}

// madeUp has one element in every list and set, so that the usual references to the first one work.
// Strings tell where they come from, so that nobody takes them for real when they turn up elsewhere.
func madeUp(kind tftypes.Type, address string) tftypes.Value {
	switch kind := kind.(type) {
	case tftypes.Object:
		members := make(map[string]tftypes.Value, len(kind.AttributeTypes))
		for name, member := range kind.AttributeTypes {
			members[name] = madeUp(member, address+"."+name)
		}
		return tftypes.NewValue(kind, members)
	case tftypes.List:
		return tftypes.NewValue(kind, []tftypes.Value{madeUp(kind.ElementType, address)})
	case tftypes.Set:
		return tftypes.NewValue(kind, []tftypes.Value{madeUp(kind.ElementType, address)})
	case tftypes.Map:
		return tftypes.NewValue(kind, map[string]tftypes.Value{})
	}
	switch {
	case kind.Is(tftypes.Number):
		return tftypes.NewValue(kind, 1)
	case kind.Is(tftypes.Bool):
		return tftypes.NewValue(kind, false)
	default: // strings, and where the type is dynamic a string is as good as anything
		return tftypes.NewValue(tftypes.String, "standin:"+address)
	}
}

func newID() string {
	random := make([]byte, 8)
	_, _ = rand.Read(random) // never fails
	return "standin-" + hex.EncodeToString(random)
}
