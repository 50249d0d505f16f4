package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/drone/drone-go/drone"
	"github.com/drone/drone-yaml/yaml"
	"github.com/drone/drone-yaml/yaml/linter"
	"github.com/drone/envsubst"
	"github.com/drone/runner-go/environ"
	"github.com/drone/runner-go/manifest"
	"github.com/drone/runner-go/pipeline/runtime"
	"github.com/drone/runner-go/secret"
	"github.com/urfave/cli"
)

// asked is a file, and the build that it is read for.
type asked struct {
	Text  string      `json:"text"`
	Build drone.Build `json:"build"`
}

// told is what the server decides by a file, what the runner substitutes and makes of it, and what either has against it.
type told struct {
	Server []seen   `json:"server"`
	Text   string   `json:"text"`
	Parts  []part   `json:"pipelines"`
	Errors []string `json:"errors"`
}

type seen struct {
	Name    string            `json:"name"`
	Needs   []string          `json:"needs"`
	Trigger yaml.Conditions   `json:"trigger"`
	Limit   int               `json:"limit"`
	Node    map[string]string `json:"node"`
}

type part struct {
	Name  string `json:"name"`
	Steps []made `json:"steps"`
}

// made is a container as the runner would ask for it; of a plugin also the lists that it reads from its settings.
type made struct {
	Name    string              `json:"name"`
	Image   string              `json:"image"`
	Words   []string            `json:"words"`
	Environ map[string]string   `json:"environ"`
	Secrets map[string]string   `json:"secrets"`
	Needs   []string            `json:"needs"`
	Lists   map[string][]string `json:"lists"`
	Never   bool                `json:"never"`
}

// readAll reads a JSON array of files, and prints what becomes of each.
func readAll(in io.Reader) {
	var files []asked
	if err := json.NewDecoder(in).Decode(&files); err != nil {
		panic(err)
	}
	answers := []told{}
	for _, each := range files {
		answers = append(answers, read(each))
	}
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		panic(err)
	}
}

func read(given asked) told {
	found := told{Server: []seen{}, Parts: []part{}, Errors: []string{}}
	for _, err := range append(serverSays(given.Text), found.decide(given.Text), found.run(given)) {
		if err != nil {
			found.Errors = append(found.Errors, err.Error())
		}
	}
	return found
}

// decide is the server's reading, of the file as it stands.
func (t *told) decide(text string) error {
	given, err := yaml.ParseString(text)
	if err == nil {
		err = linter.Manifest(given, false)
	}
	if err != nil {
		return err
	}
	for _, resource := range given.Resources {
		if p, ok := resource.(*yaml.Pipeline); ok {
			t.Server = append(t.Server, seen{p.Name, p.DependsOn, p.Trigger, p.Concurrency.Limit, p.Node})
		}
	}
	return nil
}

// run is the runner's, as pipeline/runtime/runner.go has it up to the start of the first step.
func (t *told) run(given asked) error {
	given.Build.Started, given.Build.Finished = 1, 1
	args := runtime.CompilerArgs{
		Build: &given.Build, Repo: &drone.Repo{Slug: "acme/widget"}, Stage: &drone.Stage{Started: 1, Stopped: 1},
		System: new(drone.System), Secret: secret.Static(nil),
		Netrc: &drone.Netrc{Machine: "host.example", Login: "git", Password: "the-password-of-git"},
	}
	envs := environ.Combine(
		environ.System(args.System), environ.Repo(args.Repo), environ.Build(args.Build), environ.Stage(args.Stage),
		environ.Link(args.Repo, args.Build, args.System), args.Build.Params,
	)
	text, err := envsubst.Eval(given.Text, func(name string) string {
		if value := envs[name]; !strings.Contains(value, "\n") {
			return value
		}
		return fmt.Sprintf("%q", envs[name])
	})
	if err != nil {
		return err
	}
	t.Text = text
	args.Manifest, err = manifest.ParseString(text)
	if err != nil {
		return err
	}
	for _, resource := range args.Manifest.Resources {
		p, ok := resource.(*pipeline)
		if !ok {
			continue
		}
		if err := lint(p, args.Repo); err != nil {
			return err
		}
		args.Pipeline = p
		t.Parts = append(t.Parts, part{p.Name, containers(compiler{}.Compile(context.Background(), args).(*spec), envs)})
	}
	return nil
}

// containers leaves out the variables that are the build's.
func containers(given *spec, known map[string]string) []made {
	found := []made{}
	for _, each := range given.steps {
		one := made{
			Name: each.name, Image: each.image, Words: append(append([]string{}, each.entrypoint...), each.command...), Needs: each.needs,
			Environ: map[string]string{}, Secrets: map[string]string{}, Lists: map[string][]string{}, Never: each.run == runtime.RunNever,
		}
		for name, text := range each.environ {
			if was, ok := known[name]; !ok || was != text {
				one.Environ[name] = text
			}
			if name == "PLUGIN_TAGS" || name == "PLUGIN_BUILD_ARGS" {
				one.Lists[name] = split(name, text)
			}
		}
		for _, each := range each.secrets {
			one.Secrets[each.env] = each.name
		}
		found = append(found, one)
	}
	return found
}

// split is what a plugin's command line (urfave/cli, of which drone-plugins/drone-docker is made) takes a variable for.
func split(name, text string) (found []string) {
	os.Setenv(name, text)
	defer os.Unsetenv(name)
	app := cli.NewApp()
	app.Flags = []cli.Flag{cli.StringSliceFlag{Name: "list", EnvVar: name}}
	app.Action = func(c *cli.Context) { found = c.StringSlice("list") }
	app.Run([]string{"plugin"})
	return found
}
