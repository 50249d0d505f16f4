package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/drone/runner-go/environ"
	"github.com/drone/runner-go/pipeline/runtime"
)

// spec is a pipeline that is ready to run. Its volumes are folders of this machine by name, made when it starts.
type spec struct {
	build   int64
	name    string
	steps   []*step
	volumes map[string]string
	hosts   []string
}

func (s *spec) StepLen() int                  { return len(s.steps) }
func (s *spec) StepAt(index int) runtime.Step { return s.steps[index] }

// step is one container.
type step struct {
	spec       *spec
	name       string
	image      string
	entrypoint []string
	command    []string
	environ    map[string]string
	secrets    []*hidden
	mounts     map[string]string
	folder     string
	needs      []string
	detach     bool
	privileged bool
	run        runtime.RunPolicy
	failure    runtime.ErrPolicy
}

type hidden struct{ name, env, value string }

func (h *hidden) GetName() string  { return h.name }
func (h *hidden) GetValue() string { return h.value }
func (h *hidden) IsMasked() bool   { return true }

func (s *step) GetName() string                  { return s.name }
func (s *step) GetDependencies() []string        { return s.needs }
func (s *step) GetEnviron() map[string]string    { return s.environ }
func (s *step) SetEnviron(env map[string]string) { s.environ = env }
func (s *step) GetErrPolicy() runtime.ErrPolicy  { return s.failure }
func (s *step) GetRunPolicy() runtime.RunPolicy  { return s.run }
func (s *step) GetSecretAt(i int) runtime.Secret { return s.secrets[i] }
func (s *step) GetSecretLen() int                { return len(s.secrets) }
func (s *step) IsDetached() bool                 { return s.detach }
func (s *step) GetImage() string                 { return s.image }

func (s *step) Clone() runtime.Step {
	made := *s
	made.environ = maps.Clone(s.environ)
	return &made
}

// engine runs containers as processes of this machine.
type engine struct{ server *Server }

func (e *engine) folder(s *spec, words ...string) string {
	return filepath.Join(append([]string{e.server.Work, fmt.Sprintf("%d-%s", s.build, s.name)}, words...)...)
}

// Setup makes the pipeline's volumes; those that lie in memory are folders too.
func (e *engine) Setup(_ context.Context, given runtime.Spec) error {
	s := given.(*spec)
	for name, place := range s.volumes {
		if place != "" {
			continue
		}
		s.volumes[name] = e.folder(s, "volumes", name)
		if err := os.MkdirAll(s.volumes[name], 0o755); err != nil {
			return err
		}
	}
	return nil
}

// Destroy leaves the folders for whoever made the place: services are no processes, and a step's end with it.
func (*engine) Destroy(context.Context, runtime.Spec) error { return nil }

// Run runs one container to its end. Services are not started: that they are there is said to the other containers.
func (e *engine) Run(ctx context.Context, given runtime.Spec, asked runtime.Step, output io.Writer) (*runtime.State, error) {
	s, own := given.(*spec), asked.(*step)
	if own.detach {
		return &runtime.State{Exited: true}, nil
	}
	env := environ.Combine(e.server.Environ, own.environ)
	for _, each := range own.secrets {
		env[each.env] = each.value
	}
	question := Question{
		Ask: "start", Build: s.build, Pipeline: s.name, Step: own.name, Image: own.image, Job: own.isJob(),
		Ignored: own.failure == runtime.ErrIgnore, Needs: own.needs, Hosts: s.hosts,
	}
	e.server.talk.Ask(question)
	if e.server.Limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(e.server.Limit)*time.Second)
		defer cancel()
	}
	status, err := e.execute(ctx, s, own, env, output)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, err
	}
	question.Ask, question.Status = "end", status
	e.server.talk.Ask(question)
	return &runtime.State{Exited: true, ExitCode: status}, nil
}

// isJob says whether a step is a job of the plan: those have an entrypoint of their own or are a plugin; steps that the
// translation adds have commands.
func (s *step) isJob() bool {
	_, commands := s.environ["DRONE_SCRIPT"]
	return !commands && !s.isClone()
}

func (s *step) isClone() bool {
	return len(s.entrypoint)+len(s.command) == 0 && strings.HasPrefix(s.image, "drone/git")
}

func (e *engine) execute(ctx context.Context, s *spec, own *step, env map[string]string, output io.Writer) (int, error) {
	words := append(slices.Clone(own.entrypoint), own.command...)
	if own.isClone() {
		words = []string{"/bin/sh", "-c", cloneScript}
	}
	if len(words) == 0 {
		folders := map[string]string{}
		for target, name := range own.mounts {
			folders[target] = s.volumes[name]
		}
		answer := e.server.talk.Ask(Question{
			Ask: "play", Build: s.build, Pipeline: s.name, Step: own.name, Image: own.image, Privileged: own.privileged,
			Environ: env, Folders: folders,
		})
		_, err := io.WriteString(output, answer.Text)
		return answer.Status, err
	}
	return e.process(ctx, s, own, words, env, output)
}

func (e *engine) process(ctx context.Context, s *spec, own *step, words []string, env map[string]string, output io.Writer) (int, error) {
	inside := container{
		Root: e.folder(s, "steps", own.name), Folder: own.folder, Words: words, Show: e.server.Show, Hosts: s.hosts,
		Mounts: map[string]string{},
	}
	for key, value := range env {
		inside.Environ = append(inside.Environ, key+"="+value)
	}
	for target, name := range own.mounts {
		if place, ok := s.volumes[name]; ok {
			inside.Mounts[target] = place
		}
	}
	return contain(ctx, inside, output)
}

// contain starts a container's process in a view of the file system of its own, and ends all that it leaves.
func contain(ctx context.Context, inside container, output io.Writer) (int, error) {
	if err := os.MkdirAll(inside.Root, 0o755); err != nil {
		return 0, err
	}
	text, err := json.Marshal(inside)
	if err != nil {
		return 0, err
	}
	file := inside.Root + ".json"
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return 0, err
	}
	read, write, err := os.Pipe()
	if err != nil {
		return 0, err
	}
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	command := exec.Command(self, "enter", file)
	command.Stdout, command.Stderr, command.Env = write, write, []string{}
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Cloneflags: syscall.CLONE_NEWNS}
	if os.Geteuid() != 0 {
		command.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		command.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}}
		command.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}}
	}
	if err := command.Start(); err != nil {
		return 0, err
	}
	write.Close()
	copied := make(chan struct{})
	go func() {
		io.Copy(output, read)
		close(copied)
	}()
	ended := make(chan struct{})
	go func() {
		select {
		case <-ctx.Done():
			end(command.Process.Pid)
		case <-ended:
		}
	}()
	err = command.Wait()
	close(ended)
	end(command.Process.Pid)
	<-copied
	read.Close()
	status := command.ProcessState.ExitCode()
	if status < 0 {
		status = 128 + int(command.ProcessState.Sys().(syscall.WaitStatus).Signal())
	}
	return status, nil
}

// end kills the processes of a session: a container is gone with its first process.
func end(session int) {
	for again := true; again; {
		again = false
		stats, _ := filepath.Glob("/proc/[0-9]*/stat")
		for _, path := range stats {
			text, err := os.ReadFile(path)
			if err != nil {
				continue
			}
			_, rest, _ := strings.Cut(string(text), ") ")
			words := strings.Fields(rest)
			if len(words) > 3 && words[3] == strconv.Itoa(session) && words[0] != "Z" && words[0] != "X" {
				pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
				again = syscall.Kill(pid, syscall.SIGKILL) == nil || again
			}
		}
	}
}

// cloneScript is what the image drone/git does (posix/clone and its parts in drone/drone-git), with DRONE_* from outside.
const cloneScript = `set -e
cd "$DRONE_WORKSPACE"
git init
git remote add origin "$DRONE_REMOTE_URL"
flags=${PLUGIN_DEPTH:+--depth=$PLUGIN_DEPTH}
case $DRONE_COMMIT_REF in
refs/tags/*)
    git fetch $flags origin "+refs/tags/$DRONE_TAG:"
    git checkout -qf FETCH_HEAD ;;
refs/pull/*)
    git fetch $flags origin "+refs/heads/$DRONE_COMMIT_BRANCH:"
    git checkout "$DRONE_COMMIT_BRANCH"
    git fetch origin "$DRONE_COMMIT_REF:"
    git merge "$DRONE_COMMIT_SHA" ;;
*)
    if [ -z "$DRONE_COMMIT_BRANCH" ]; then
        git fetch origin
        git checkout -qf "$DRONE_COMMIT_SHA"
    else
        git fetch $flags origin "+refs/heads/$DRONE_COMMIT_BRANCH:"
        git checkout "$DRONE_COMMIT_SHA" -b "$DRONE_COMMIT_BRANCH"
    fi ;;
esac
`
