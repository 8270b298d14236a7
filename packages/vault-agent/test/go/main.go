// Renders templates with Go's own text/template, as the Vault agent does: the options and the function `secret` are
// those of consul-template 0.42.1. One case per line of standard input, one answer per line of standard output.
// Only the standard library, so that `go run` needs no download.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"strings"
	"text/template"
	"text/template/parse"
)

type request struct {
	Template string `json:"template"`
	// Version of the key-value store whose shape the secret has: 1 or 2.
	Version int            `json:"version"`
	Data    map[string]any `json:"data"`
	Strict  bool           `json:"strict"`
}

type answer struct {
	// The file, or why there is none.
	Output string `json:"output"`
	Error  string `json:"error"`
	// The parsed template with S for every string.
	Shape string `json:"shape"`
	// Those strings, as Go reads them.
	Texts []string `json:"texts"`
	// What was asked of Vault.
	Path  string `json:"path"`
	Query string `json:"query"`
	Reads int    `json:"reads"`
}

type secret struct {
	LeaseID string
	Data    map[string]any
}

func main() {
	scanner := bufio.NewScanner(os.Stdin)
	scanner.Buffer(nil, 1<<24)
	out := bufio.NewWriter(os.Stdout)
	encoder := json.NewEncoder(out)
	for scanner.Scan() {
		var r request
		decoder := json.NewDecoder(strings.NewReader(scanner.Text()))
		// Vault's client keeps numbers as they are written.
		decoder.UseNumber()
		if err := decoder.Decode(&r); err != nil {
			fail(err)
		}
		if err := encoder.Encode(render(r)); err != nil {
			fail(err)
		}
	}
	if err := scanner.Err(); err != nil {
		fail(err)
	}
	if err := out.Flush(); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func render(r request) answer {
	var a answer
	option := "missingkey=zero"
	if r.Strict {
		option = "missingkey=error"
	}
	functions := template.FuncMap{"secret": func(arguments ...string) (any, error) {
		a.Reads++
		if len(arguments) != 1 {
			return nil, fmt.Errorf("secret with %d arguments", len(arguments))
		}
		path, query, err := readPath(arguments[0])
		if err != nil {
			return nil, err
		}
		a.Path, a.Query = path, query
		if r.Version == 2 {
			return &secret{Data: map[string]any{"data": r.Data, "metadata": map[string]any{"version": 1}}}, nil
		}
		return &secret{Data: r.Data}, nil
	}}
	parsed, err := template.New("file").Option(option).Funcs(functions).Parse(r.Template)
	if err != nil {
		a.Error = err.Error()
		return a
	}
	a.Shape = shape(parsed.Tree.Root, &a.Texts)
	var file strings.Builder
	if err := parsed.Execute(&file, nil); err != nil {
		a.Error = err.Error()
		return a
	}
	a.Output = file.String()
	return a
}

// The path and the query that the agent asks Vault for.
func readPath(text string) (string, string, error) {
	trimmed := strings.Trim(strings.TrimSpace(text), "/")
	if trimmed == "" {
		return "", "", fmt.Errorf("empty path")
	}
	parsed, err := url.Parse(trimmed)
	if err != nil {
		return "", "", err
	}
	return parsed.Path, parsed.Query().Encode(), nil
}

func shape(node parse.Node, texts *[]string) string {
	switch n := node.(type) {
	case *parse.ListNode:
		var parts []string
		for _, child := range n.Nodes {
			parts = append(parts, shape(child, texts))
		}
		return strings.Join(parts, " ")
	case *parse.TextNode:
		return "text"
	case *parse.ActionNode:
		return "{" + shape(n.Pipe, texts) + "}"
	case *parse.WithNode:
		return branch("with", &n.BranchNode, texts)
	case *parse.IfNode:
		return branch("if", &n.BranchNode, texts)
	case *parse.PipeNode:
		var parts []string
		for _, declaration := range n.Decl {
			parts = append(parts, shape(declaration, texts)+" :=")
		}
		for index, command := range n.Cmds {
			if index > 0 {
				parts = append(parts, "|")
			}
			for _, argument := range command.Args {
				parts = append(parts, shape(argument, texts))
			}
		}
		return "(" + strings.Join(parts, " ") + ")"
	case *parse.FieldNode:
		return "." + strings.Join(n.Ident, ".")
	case *parse.VariableNode:
		return strings.Join(n.Ident, ".")
	case *parse.IdentifierNode:
		return n.Ident
	case *parse.StringNode:
		*texts = append(*texts, n.Text)
		return "S"
	case *parse.NumberNode:
		return n.Text
	default:
		return fmt.Sprintf("%T", node)
	}
}

func branch(name string, n *parse.BranchNode, texts *[]string) string {
	text := name + shape(n.Pipe, texts) + "[" + shape(n.List, texts) + "]"
	if n.ElseList != nil {
		text += "else[" + shape(n.ElseList, texts) + "]"
	}
	return text
}
