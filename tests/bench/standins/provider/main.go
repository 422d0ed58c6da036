// Command standin is a Terraform provider that serves whatever schema lies beside its executable.
//
// It knows no API: it accepts every configuration the schema allows, remembers it, and makes up
// what the real provider would compute. That is enough to validate, plan, apply, plan again and
// destroy.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
)

const (
	schemaFile = "schema.json"
	// Terraform never asks for this address: it only appears in the plugin's log lines.
	address = "registry.terraform.io/standins/standin"
)

func main() {
	if err := serve(); err != nil {
		fmt.Fprintln(os.Stderr, "stand-in provider:", err)
		os.Exit(1)
	}
}

func serve() error {
	executable, err := os.Executable()
	if err != nil {
		return err
	}
	schemas, err := loadSchemas(filepath.Join(filepath.Dir(executable), schemaFile))
	if err != nil {
		return err
	}
	return tf6server.Serve(address, func() tfprotov6.ProviderServer { return &server{schemas: schemas} })
}
