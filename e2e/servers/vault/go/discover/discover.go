// Package discover stands in for HashiCorp's package of that name, by which servers of Vault find each other in
// clouds. A server of the tests is alone, and the clouds' interfaces take minutes to compile.
package discover

import (
	"errors"
	"log"
)

var errAbsent = errors.New("auto_join is not in this build of Vault")

// Config is what `auto_join` says.
type Config map[string]string

// Parse refuses every `auto_join`.
func Parse(string) (Config, error) { return nil, errAbsent }

func (Config) String() string { return "" }

// Provider finds servers in one cloud.
type Provider interface {
	Addrs(args map[string]string, l *log.Logger) ([]string, error)
	Help() string
}

// Providers is empty.
var Providers map[string]Provider

// Discover finds no servers.
type Discover struct{}

// Option of a Discover.
type Option func(*Discover)

// New has no options that count.
func New(...Option) (*Discover, error) { return &Discover{}, nil }

// WithProviders passes over them.
func WithProviders(map[string]Provider) Option { return func(*Discover) {} }

// Addrs is an error.
func (*Discover) Addrs(string, *log.Logger) ([]string, error) { return nil, errAbsent }
