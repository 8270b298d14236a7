// HashiCorp Vault for tests as one program: the name that it is called by says which part it is. One link step serves
// all of them, and they share one file in the cache folder.
//
// Vault (v1.15 and later) is under the Business Source License 1.1 of HashiCorp: a tool of the tests, built where they
// run. Nothing of it is in what this project publishes.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/hashicorp/cli"
	"github.com/hashicorp/vault-k8s/subcommand/injector"
	"github.com/hashicorp/vault/command"
	"github.com/hashicorp/vault/plugins/database/postgresql"
	"github.com/hashicorp/vault/sdk/database/dbplugin/v5"
)

var parts = map[string]func() int{
	// Server, agent and command line.
	"vault": func() int { return command.Run(os.Args[1:]) },
	// The Vault Agent Injector: HashiCorp's webhook.
	"vault-k8s": func() int {
		ui := &cli.BasicUi{Reader: os.Stdin, Writer: os.Stdout, ErrorWriter: os.Stderr}
		return (&injector.Command{UI: ui}).Run(os.Args[1:])
	},
	// The same, for one admission review without a cluster.
	"vault-k8s-review": func() int {
		if err := review(os.Args[1]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return 0
	},
	// A plugin, which the server starts; Vault's own build tag `minimal` leaves it out of the server.
	"postgresql-database-plugin": func() int {
		go endWithServer(os.Getppid())
		dbplugin.ServeMultiplex(postgresql.New)
		return 0
	},
}

// A server that is killed cannot end its plugins.
func endWithServer(server int) {
	for os.Getppid() == server {
		time.Sleep(time.Second)
	}
	os.Exit(0)
}

func main() {
	name := filepath.Base(os.Args[0])
	part, known := parts[name]
	if !known {
		fmt.Fprintf(os.Stderr, "called as %q; call it as vault, vault-k8s, vault-k8s-review or postgresql-database-plugin\n", name)
		os.Exit(2)
	}
	os.Exit(part())
}
