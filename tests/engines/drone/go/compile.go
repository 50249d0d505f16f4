package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/buildkite/yaml"
	"github.com/drone/drone-go/drone"
	"github.com/drone/runner-go/clone"
	"github.com/drone/runner-go/environ"
	"github.com/drone/runner-go/manifest"
	"github.com/drone/runner-go/pipeline/runtime"
	"github.com/drone/runner-go/secret"
)

// What a docker pipeline is, and what is made of it: the rules of engine/{resource,linter,compiler} of
// drone-runners/drone-runner-docker 1.8, told again. Unknown keys are no error there, and none here.

const (
	kind      = "pipeline"
	typ       = "docker"
	source    = "/drone/src"
	workspace = "_workspace"
	cloneName = "clone"
)

// privileged are the images that the runner gives the privilege to, with its default settings.
var privileged = []string{"plugins/docker", "plugins/acr", "plugins/ecr", "plugins/gcr", "plugins/heroku"}

type pipeline struct {
	Version     string
	Kind        string
	Type        string
	Name        string
	Deps        []string `yaml:"depends_on"`
	Clone       manifest.Clone
	Platform    manifest.Platform
	Environment map[string]string
	Services    []*given
	Steps       []*given
	Volumes     []*volume
	Workspace   struct{ Base, Path string }
}

func (p *pipeline) GetVersion() string { return p.Version }
func (p *pipeline) GetKind() string    { return p.Kind }
func (p *pipeline) GetType() string    { return p.Type }
func (p *pipeline) GetName() string    { return p.Name }

type given struct {
	Name        string
	Image       string
	Command     []string
	Commands    []string
	Entrypoint  []string
	Detach      bool
	DependsOn   []string `yaml:"depends_on"`
	Devices     []any
	DNS         []string
	DNSSearch   []string `yaml:"dns_search"`
	Environment map[string]*manifest.Variable
	ExtraHosts  []string `yaml:"extra_hosts"`
	Failure     string
	MemLimit    manifest.BytesSize `yaml:"mem_limit"`
	MemSwap     manifest.BytesSize `yaml:"memswap_limit"`
	Network     string             `yaml:"network_mode"`
	Privileged  bool
	Pull        string
	Settings    map[string]*manifest.Parameter
	ShmSize     manifest.BytesSize `yaml:"shm_size"`
	User        string
	Volumes     []*struct{ Name, Path string }
	When        manifest.Conditions
	WorkingDir  string `yaml:"working_dir"`
}

type volume struct {
	Name string
	Temp *struct {
		Medium string
		Limit  manifest.BytesSize `yaml:"size_limit"`
	}
	Host *struct{ Path string }
}

func init() {
	manifest.Register(func(raw *manifest.RawResource) (manifest.Resource, bool, error) {
		if raw.Kind != kind || raw.Type != typ {
			return nil, false, nil
		}
		found := new(pipeline)
		err := yaml.Unmarshal(raw.Data, found)
		if err == nil {
			err = named(found)
		}
		return found, true, err
	})
}

func named(p *pipeline) error {
	var names []string
	for _, step := range p.Steps {
		switch {
		case step == nil:
			return errors.New("Linter: detected nil step")
		case step.Name == "":
			return errors.New("Linter: invalid or missing step name")
		case len(step.Name) > 100:
			return errors.New("Linter: step name cannot exceed 100 characters")
		case slices.Contains(names, step.Name):
			return errors.New("Linter: duplicate step name")
		}
		names = append(names, step.Name)
	}
	return nil
}

// lint is what the runner refuses, before anything of a pipeline runs.
func lint(resource manifest.Resource, repo *drone.Repo) error {
	p := resource.(*pipeline)
	var names []string
	if !p.Clone.Disable {
		names = append(names, cloneName)
	}
	for _, step := range slices.Concat(p.Services, p.Steps) {
		if slices.Contains(names, step.Name) {
			return errors.New("linter: duplicate step names")
		}
		names = append(names, step.Name)
		if err := lintStep(step, repo.Trusted, names); err != nil {
			return err
		}
	}
	for _, each := range p.Volumes {
		switch {
		case each.Name == "":
			return errors.New("linter: missing volume name")
		case reserved(each.Name):
			return fmt.Errorf("linter: invalid volume name: %s", each.Name)
		case !repo.Trusted && each.Host != nil:
			return errors.New("linter: untrusted repositories cannot mount host volumes")
		case !repo.Trusted && each.Temp != nil && each.Temp.Medium == "memory":
			return errors.New("linter: untrusted repositories cannot mount in-memory volumes")
		}
	}
	return nil
}

func lintStep(step *given, trusted bool, before []string) error {
	if step.Image == "" {
		return errors.New("linter: invalid or missing image")
	}
	asked := map[string]bool{
		"enable privileged mode": step.Privileged, "mount devices": len(step.Devices) > 0, "configure dns": len(step.DNS) > 0,
		"configure dns_search": len(step.DNSSearch) > 0, "configure extra_hosts": len(step.ExtraHosts) > 0,
		"configure network_mode": step.Network != "", "configure shm_size": step.ShmSize > 0,
	}
	for what, wanted := range asked {
		if wanted && !trusted {
			return fmt.Errorf("linter: untrusted repositories cannot %s", what)
		}
	}
	for _, mount := range step.Volumes {
		if reserved(mount.Name) {
			return fmt.Errorf("linter: invalid volume name: %s", mount.Name)
		}
		if strings.HasPrefix(filepath.Clean(mount.Path), "/run/drone") {
			return errors.New("linter: cannot mount volume at /run/drone")
		}
	}
	for _, name := range step.DependsOn {
		if name == step.Name {
			return fmt.Errorf("linter: cyclical step dependency detected: %s", name)
		}
		if !slices.Contains(before, name) {
			return fmt.Errorf("linter: unknown step dependency detected: %s references %s", step.Name, name)
		}
	}
	return nil
}

func reserved(name string) bool {
	return name == "workspace" || name == workspace || name == "_docker_socket"
}

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
