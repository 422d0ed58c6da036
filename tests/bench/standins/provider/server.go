package main

import (
	"context"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

type server struct {
	// Embedded without a value for the calls that are not written out below: functions, ephemeral
	// resources, moves. Terraform never makes them, as no schema says that there are any.
	tfprotov6.ProviderServer
	schemas *schemas
}

func (s *server) GetMetadata(
	context.Context, *tfprotov6.GetMetadataRequest,
) (*tfprotov6.GetMetadataResponse, error) {
	response := &tfprotov6.GetMetadataResponse{}
	for name := range s.schemas.resources {
		response.Resources = append(response.Resources, tfprotov6.ResourceMetadata{TypeName: name})
	}
	for name := range s.schemas.dataSources {
		response.DataSources = append(response.DataSources, tfprotov6.DataSourceMetadata{TypeName: name})
	}
	return response, nil
}

func (s *server) GetProviderSchema(
	context.Context, *tfprotov6.GetProviderSchemaRequest,
) (*tfprotov6.GetProviderSchemaResponse, error) {
	return &tfprotov6.GetProviderSchemaResponse{
		Provider:          s.schemas.provider,
		ResourceSchemas:   s.schemas.resources,
		DataSourceSchemas: s.schemas.dataSources,
	}, nil
}

func (s *server) GetResourceIdentitySchemas(
	context.Context, *tfprotov6.GetResourceIdentitySchemasRequest,
) (*tfprotov6.GetResourceIdentitySchemasResponse, error) {
	return &tfprotov6.GetResourceIdentitySchemasResponse{}, nil
}

// The four calls to follow accept everything: Terraform itself checks against the schema.

func (s *server) ValidateProviderConfig(
	_ context.Context, request *tfprotov6.ValidateProviderConfigRequest,
) (*tfprotov6.ValidateProviderConfigResponse, error) {
	return &tfprotov6.ValidateProviderConfigResponse{PreparedConfig: request.Config}, nil
}

func (s *server) ValidateResourceConfig(
	context.Context, *tfprotov6.ValidateResourceConfigRequest,
) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return &tfprotov6.ValidateResourceConfigResponse{}, nil
}

func (s *server) ValidateDataResourceConfig(
	context.Context, *tfprotov6.ValidateDataResourceConfigRequest,
) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return &tfprotov6.ValidateDataResourceConfigResponse{}, nil
}

func (s *server) ConfigureProvider(
	context.Context, *tfprotov6.ConfigureProviderRequest,
) (*tfprotov6.ConfigureProviderResponse, error) {
	return &tfprotov6.ConfigureProviderResponse{}, nil
}

func (s *server) StopProvider(
	context.Context, *tfprotov6.StopProviderRequest,
) (*tfprotov6.StopProviderResponse, error) {
	return &tfprotov6.StopProviderResponse{}, nil
}

func (s *server) UpgradeResourceState(
	_ context.Context, request *tfprotov6.UpgradeResourceStateRequest,
) (*tfprotov6.UpgradeResourceStateResponse, error) {
	schema := s.schemas.resources[request.TypeName]
	state, err := request.RawState.Unmarshal(schema.ValueType())
	if err != nil {
		return nil, err
	}
	upgraded, err := encoded(schema, state)
	return &tfprotov6.UpgradeResourceStateResponse{UpgradedState: upgraded}, err
}

// ReadResource finds everything as it was left: there is nothing that could have changed.
func (s *server) ReadResource(
	_ context.Context, request *tfprotov6.ReadResourceRequest,
) (*tfprotov6.ReadResourceResponse, error) {
	return &tfprotov6.ReadResourceResponse{NewState: request.CurrentState, Private: request.Private}, nil
}

func (s *server) PlanResourceChange(
	_ context.Context, request *tfprotov6.PlanResourceChangeRequest,
) (*tfprotov6.PlanResourceChangeResponse, error) {
	schema := s.schemas.resources[request.TypeName]
	prior, err := request.PriorState.Unmarshal(schema.ValueType())
	if err != nil {
		return nil, err
	}
	proposed, err := request.ProposedNewState.Unmarshal(schema.ValueType())
	if err != nil {
		return nil, err
	}
	if proposed.Equal(prior) { // no change, whatever is still null in there
		return &tfprotov6.PlanResourceChangeResponse{PlannedState: request.PriorState}, nil
	}
	plan, err := planned(schema.Block, request.TypeName, proposed)
	if err != nil {
		return nil, err
	}
	state, err := encoded(schema, plan)
	return &tfprotov6.PlanResourceChangeResponse{PlannedState: state}, err
}

func (s *server) ApplyResourceChange(
	_ context.Context, request *tfprotov6.ApplyResourceChangeRequest,
) (*tfprotov6.ApplyResourceChangeResponse, error) {
	schema := s.schemas.resources[request.TypeName]
	plan, err := request.PlannedState.Unmarshal(schema.ValueType())
	if err != nil {
		return nil, err
	}
	applied, err := settled(schema.Block, request.TypeName, newID(), plan)
	if err != nil {
		return nil, err
	}
	state, err := encoded(schema, applied)
	return &tfprotov6.ApplyResourceChangeResponse{NewState: state}, err
}

func (s *server) ImportResourceState(
	_ context.Context, request *tfprotov6.ImportResourceStateRequest,
) (*tfprotov6.ImportResourceStateResponse, error) {
	return &tfprotov6.ImportResourceStateResponse{Diagnostics: []*tfprotov6.Diagnostic{{
		Severity: tfprotov6.DiagnosticSeverityError,
		Summary:  "A stand-in provider cannot import",
		Detail:   "There is no real " + request.TypeName + " behind it from which to read " + request.ID + ".",
	}}}, nil
}

func (s *server) ReadDataSource(
	_ context.Context, request *tfprotov6.ReadDataSourceRequest,
) (*tfprotov6.ReadDataSourceResponse, error) {
	schema := s.schemas.dataSources[request.TypeName]
	config, err := request.Config.Unmarshal(schema.ValueType())
	if err != nil {
		return nil, err
	}
	address := "data." + request.TypeName
	plan, err := planned(schema.Block, address, config)
	if err != nil {
		return nil, err
	}
	// Always the same id: a data source is read for every plan, and a new id would be a change.
	read, err := settled(schema.Block, address, "standin:"+address+".id", plan)
	if err != nil {
		return nil, err
	}
	state, err := encoded(schema, read)
	return &tfprotov6.ReadDataSourceResponse{State: state}, err
}

func encoded(schema *tfprotov6.Schema, value tftypes.Value) (*tfprotov6.DynamicValue, error) {
	dynamic, err := tfprotov6.NewDynamicValue(schema.ValueType(), value)
	return &dynamic, err
}
