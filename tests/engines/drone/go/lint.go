package main

import (
	"encoding/json"
	"io"
	"os"

	"github.com/drone/drone-go/drone"
	"github.com/drone/drone-yaml/yaml"
	"github.com/drone/drone-yaml/yaml/linter"
	"github.com/drone/envsubst"
	"github.com/drone/runner-go/manifest"
)

// lintAll reads a JSON array of files and prints what the server and the runner have against each.
func lintAll(in io.Reader) {
	var texts []string
	if err := json.NewDecoder(in).Decode(&texts); err != nil {
		panic(err)
	}
	found := []([]string){}
	for _, text := range texts {
		said := []string{}
		for _, err := range append(serverSays(text), runnerSays(text)...) {
			said = append(said, err.Error())
		}
		found = append(found, said)
	}
	if err := json.NewEncoder(os.Stdout).Encode(found); err != nil {
		panic(err)
	}
}

// serverSays is what a trigger does with the file before it looks at conditions.
func serverSays(text string) []error {
	given, err := yaml.ParseString(text)
	if err == nil {
		err = linter.Manifest(given, false)
	}
	return some(err)
}

// runnerSays is what the runner does with the file before it runs a pipeline of it, for each pipeline.
func runnerSays(text string) []error {
	text, err := envsubst.Eval(text, func(string) string { return "" })
	if err != nil {
		return some(err)
	}
	given, err := manifest.ParseString(text)
	if err != nil {
		return some(err)
	}
	var found []error
	for _, resource := range given.Resources {
		if p, ok := resource.(*pipeline); ok {
			found = append(found, some(lint(p, new(drone.Repo)))...)
		}
	}
	return found
}

func some(err error) []error {
	if err == nil {
		return nil
	}
	return []error{err}
}
