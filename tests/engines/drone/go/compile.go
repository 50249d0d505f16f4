package main

import (
	"context"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/drone/drone-go/drone"
	"github.com/drone/runner-go/clone"
	"github.com/drone/runner-go/environ"
	"github.com/drone/runner-go/manifest"
	"github.com/drone/runner-go/pipeline/runtime"
	"github.com/drone/runner-go/secret"
)

type compiler struct{}

// Compile makes containers of a pipeline's services and steps.
func (compiler) Compile(ctx context.Context, args runtime.CompilerArgs) runtime.Spec {
	p := args.Pipeline.(*pipeline)
	base := p.Workspace.Base
	if base == "" {
		base = source
	}
	full := path.Join(base, p.Workspace.Path)
	found := &spec{build: args.Build.Number, name: args.Stage.Name, volumes: map[string]string{workspace: ""}}
	for _, each := range p.Volumes {
		if each.Temp != nil {
			found.volumes[each.Name] = ""
		} else if each.Host != nil {
			found.volumes[each.Name] = each.Host.Path
		}
	}
	shared := sharedEnviron(p, args, base, full)
	if !p.Clone.Disable {
		first := &given{Name: cloneName, Image: "drone/git:latest"}
		step := newStep(first, shared, found, full)
		step.run = runtime.RunAlways
		if p.Clone.Depth > 0 {
			step.environ["PLUGIN_DEPTH"] = fmt.Sprint(p.Clone.Depth)
		}
		found.steps = append(found.steps, step)
	}
	build := manifest.Match{
		Action: args.Build.Action, Cron: args.Build.Cron, Ref: args.Build.Ref, Repo: args.Repo.Slug, Instance: args.System.Host,
		Target: args.Build.Deploy, Event: args.Build.Event, Branch: args.Build.Target,
	}
	for index, each := range slices.Concat(p.Services, p.Steps) {
		step := newStep(each, shared, found, full)
		step.detach = each.Detach || index < len(p.Services)
		if index < len(p.Services) {
			found.hosts = append(found.hosts, each.Name)
		}
		if step.detach && len(each.Commands) == 0 {
			step.folder = each.WorkingDir
		}
		if !each.When.Match(build) {
			step.run = runtime.RunNever
		}
		found.steps = append(found.steps, step)
	}
	for _, step := range found.steps {
		step.mounts[base] = workspace
	}
	arrange(found, p.Clone.Disable)
	for _, step := range found.steps {
		for _, each := range step.secrets {
			value, _ := args.Secret.Find(ctx, &secret.Request{Name: each.name, Build: args.Build, Repo: args.Repo, Conf: args.Manifest})
			if value != nil {
				each.value = value.Data
			}
		}
	}
	return found
}

// sharedEnviron is what all containers of a pipeline are given; what stands further down wins.
func sharedEnviron(p *pipeline, args runtime.CompilerArgs, base, full string) map[string]string {
	return environ.Combine(
		args.Build.Params,
		p.Environment,
		environ.System(args.System),
		environ.Repo(args.Repo),
		environ.Build(args.Build),
		environ.Stage(args.Stage),
		environ.Link(args.Repo, args.Build, args.System),
		clone.Environ(clone.Config{
			SkipVerify: p.Clone.SkipVerify,
			Trace:      p.Clone.Trace,
			User:       clone.User{Name: args.Build.AuthorName, Email: args.Build.AuthorEmail},
		}),
		map[string]string{"DRONE_WORKSPACE": full, "DRONE_WORKSPACE_BASE": base, "DRONE_WORKSPACE_PATH": p.Workspace.Path},
		environ.Netrc(args.Netrc),
	)
}

func newStep(from *given, shared map[string]string, owner *spec, full string) *step {
	made := &step{
		spec: owner, name: from.Name, image: from.Image, entrypoint: from.Entrypoint, command: from.Command, detach: from.Detach,
		needs: from.DependsOn, folder: from.WorkingDir, environ: map[string]string{}, mounts: map[string]string{},
		privileged: from.Privileged || trusts(from),
	}
	if made.folder == "" {
		made.folder = full
	}
	for key, value := range from.Environment {
		if value == nil {
			continue
		}
		if strings.TrimSpace(value.Secret) != "" {
			made.secrets = append(made.secrets, &hidden{value.Secret, key, ""})
		} else {
			made.environ[key] = value.Value
		}
	}
	for key, value := range from.Settings {
		key = "PLUGIN_" + strings.ToUpper(key)
		switch {
		case value == nil:
		case value.Secret != "":
			made.secrets = append(made.secrets, &hidden{value.Secret, key, ""})
		default:
			made.environ[key] = encoded(value.Value)
		}
	}
	made.environ = environ.Combine(shared, made.environ)
	for _, mount := range from.Volumes {
		made.mounts[mount.Path] = mount.Name
	}
	if len(from.Commands) > 0 {
		made.entrypoint = []string{"/bin/sh", "-c"}
		made.command = []string{`echo "$DRONE_SCRIPT" | /bin/sh`}
		made.environ["DRONE_SCRIPT"] = script(from.Commands)
	}
	status := from.When.Status
	if len(status.Include)+len(status.Exclude) > 0 && status.Match(drone.StatusFailing) {
		made.run = runtime.RunOnFailure
		if status.Match(drone.StatusPassing) {
			made.run = runtime.RunAlways
		}
	}
	switch from.Failure {
	case "ignore":
		made.failure = runtime.ErrIgnore
	case "fast", "fast-fail", "fail-fast":
		made.failure = runtime.ErrFailFast
	}
	return made
}

// trusts says whether the runner gives a step the privilege for its image's sake.
func trusts(from *given) bool {
	if len(from.Commands)+len(from.Command)+len(from.Entrypoint)+len(from.Volumes) > 0 {
		return false
	}
	name, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(from.Image, "docker.io/"), "index.docker.io/"), ":")
	return slices.Contains(privileged, name)
}

// arrange makes the order of the steps: one after the other, or a graph as soon as one step names another.
func arrange(s *spec, cloneless bool) {
	graph := slices.ContainsFunc(s.steps, func(each *step) bool { return len(each.needs) > 0 })
	own := slices.ContainsFunc(s.steps, func(each *step) bool { return each.name == cloneName })
	for index, each := range s.steps {
		switch {
		case !graph && index > 0:
			each.needs = []string{s.steps[index-1].name}
		case graph && !cloneless && each.name != cloneName && len(each.needs) == 0:
			each.needs = []string{cloneName}
		case graph && cloneless && !own && slices.Equal(each.needs, []string{cloneName}):
			each.needs = nil
		}
	}
}

// script is what the runner makes of commands: each is printed in double quotes, in which a dollar is escaped and a backquote isn't.
func script(commands []string) string {
	var text strings.Builder
	text.WriteString("\n" + `if [ ! -z "${DRONE_NETRC_FILE}" ]; then echo $DRONE_NETRC_FILE > $HOME/.netrc; chmod 600 $HOME/.netrc; fi` + "\n")
	text.WriteString("unset DRONE_SCRIPT DRONE_NETRC_MACHINE DRONE_NETRC_USERNAME DRONE_NETRC_PASSWORD DRONE_NETRC_FILE\nset -e\n")
	for _, command := range commands {
		told := strings.ReplaceAll(fmt.Sprintf("%q", command), "$", `\$`)
		text.WriteString(fmt.Sprintf("\necho + %s\n%s\n", told, command))
	}
	return text.String()
}

// encoded is a plugin's setting as a variable.
func encoded(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case nil:
		return ""
	case []any:
		var words []string
		for _, each := range value {
			switch each.(type) {
			case map[any]any, []any:
				text, _ := json.Marshal(plain(value))
				return string(text)
			}
			words = append(words, encoded(each))
		}
		return strings.Join(words, ",")
	case map[any]any:
		text, _ := json.Marshal(plain(value))
		return string(text)
	}
	return fmt.Sprint(value)
}

// plain is value as JSON can say it.
func plain(value any) any {
	switch value := value.(type) {
	case map[any]any:
		found := map[string]any{}
		for key, each := range value {
			found[fmt.Sprint(key)] = plain(each)
		}
		return found
	case []any:
		var found []any
		for _, each := range value {
			found = append(found, plain(each))
		}
		return found
	}
	return value
}
