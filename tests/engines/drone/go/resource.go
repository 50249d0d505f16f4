package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/buildkite/yaml"
	"github.com/drone/drone-go/drone"
	"github.com/drone/runner-go/manifest"
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
