// Reads env files as the kubelet does, by its own code. One case per line of standard input, `{"file", "key"}`; one
// answer per line of standard output.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"k8s.io/kubernetes/pkg/kubelet/util/env"
)

type request struct {
	File []byte `json:"file"`
	Key  string `json:"key"`
}

type answer struct {
	Value   []byte `json:"value"`
	Refused bool   `json:"refused"`
}

func main() {
	folder, err := os.MkdirTemp("", "env-file-")
	check(err)
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "vars")
	input := bufio.NewScanner(os.Stdin)
	input.Buffer(nil, 1<<26)
	for input.Scan() {
		var asked request
		check(json.Unmarshal(input.Bytes(), &asked))
		check(os.WriteFile(path, asked.File, 0o600))
		value, err := env.ParseEnv(path, asked.Key)
		text, err2 := json.Marshal(answer{Value: []byte(value), Refused: err != nil})
		check(err2)
		fmt.Println(string(text))
	}
	check(input.Err())
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
