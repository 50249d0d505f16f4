package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/drone/drone-go/drone"
	"github.com/drone/drone/core"
	"github.com/drone/drone/operator/manager"
	"github.com/drone/drone/store/shared/db"
	"github.com/drone/runner-go/client"
	"github.com/drone/runner-go/manifest"
	"github.com/drone/runner-go/pipeline/reporter/remote"
	"github.com/drone/runner-go/pipeline/runtime"
	"github.com/drone/runner-go/pipeline/uploader"
	"github.com/drone/runner-go/poller"
)

const capacity = 8

func cutSlug(slug string) (string, string, bool) { return strings.Cut(slug, "/") }

// poll sees to it that there is a runner for each place that the build's pipelines ask for: a platform and labels.
func (s *Server) poll(build int64) {
	stages, _ := stageTable{tables: s.tables}.List(background, build)
	for _, stage := range stages {
		place, _ := json.Marshal([]any{stage.OS, stage.Arch, stage.Variant, stage.Labels})
		if s.places[string(place)] {
			continue
		}
		s.places[string(place)] = true
		filter := &client.Filter{
			Kind: kind, Type: typ, OS: stage.OS, Arch: stage.Arch, Variant: stage.Variant, Kernel: stage.Kernel, Labels: stage.Labels,
		}
		line := &line{server: s}
		reporter := remote.New(line)
		engine := &engine{server: s}
		runner := &runtime.Runner{
			Machine:  "here",
			Client:   line,
			Reporter: reporter,
			Lookup:   lookup,
			Lint:     lint,
			Compiler: compiler{},
			Exec:     runtime.NewExecer(reporter, reporter, uploader.New(line), engine, 0).Exec,
		}
		polls := &poller.Poller{Client: line, Filter: filter, Dispatch: func(ctx context.Context, stage *drone.Stage) error {
			s.move(1)
			defer s.move(-1)
			return runner.Run(ctx, stage)
		}}
		go polls.Poll(background, capacity)
	}
}

// lookup finds a pipeline by its name, as the docker runner does: only among those of its own type.
func lookup(name string, given *manifest.Manifest) (manifest.Resource, error) {
	found, err := manifest.Lookup(name, given)
	if err != nil {
		return nil, err
	}
	if _, ok := found.(*pipeline); !ok {
		return nil, fmt.Errorf("resource not found")
	}
	return found, nil
}

// line is the runner's connection to the server: what the server does with its requests, and JSON between the two.
type line struct {
	client.Client
	server *Server
}

// through turns the server's values into the runner's and back, as the wire does.
func through(from, to any) {
	text, err := json.Marshal(from)
	if err == nil {
		err = json.Unmarshal(text, to)
	}
	if err != nil {
		panic(err)
	}
}

func (l *line) Request(ctx context.Context, filter *client.Filter) (*drone.Stage, error) {
	var asked manager.Request
	through(filter, &asked)
	stage, err := l.server.manager.Request(ctx, &asked)
	if err != nil {
		return nil, err
	}
	found := new(drone.Stage)
	through(stage, found)
	return found, nil
}

func (l *line) Accept(ctx context.Context, stage *drone.Stage) error {
	accepted, err := l.server.manager.Accept(ctx, stage.ID, stage.Machine)
	if err == db.ErrOptimisticLock {
		return client.ErrOptimisticLock
	}
	if err == nil {
		through(accepted, stage)
	}
	return err
}

func (l *line) Detail(ctx context.Context, stage *drone.Stage) (*client.Context, error) {
	details, err := l.server.manager.Details(ctx, stage.ID)
	if err != nil {
		return nil, err
	}
	found := new(client.Context)
	through(details, found)
	return found, nil
}

func (l *line) Update(ctx context.Context, stage *drone.Stage) error {
	given := new(core.Stage)
	through(stage, given)
	var err error
	if given.Status == core.StatusPending || given.Status == core.StatusRunning {
		err = l.server.manager.BeforeAll(ctx, given)
	} else {
		l.skipped(stage)
		err = l.server.manager.AfterAll(ctx, given)
	}
	if err == nil {
		through(given, stage)
	}
	l.server.move(0)
	return err
}

// skipped tells of the steps that never started.
func (l *line) skipped(stage *drone.Stage) {
	for _, step := range stage.Steps {
		if step.Status == drone.StatusSkipped {
			l.server.talk.Ask(Question{Ask: "skip", Build: stage.BuildID, Pipeline: stage.Name, Step: step.Name})
		}
	}
}

func (l *line) UpdateStep(ctx context.Context, step *drone.Step) error {
	given := new(core.Step)
	through(step, given)
	var err error
	if given.Status == core.StatusPending || given.Status == core.StatusRunning {
		err = l.server.manager.Before(ctx, given)
	} else {
		err = l.server.manager.After(ctx, given)
	}
	if err == nil {
		images, details := step.Image, step.DependsOn
		through(given, step)
		step.Image, step.DependsOn = images, details
	}
	return err
}

// Watch waits for somebody to cancel a build: nobody does.
func (l *line) Watch(ctx context.Context, _ int64) (bool, error) {
	<-ctx.Done()
	return false, ctx.Err()
}

func (l *line) Batch(context.Context, int64, []*drone.Line) error { return nil }

func (l *line) Upload(_ context.Context, step int64, lines []*drone.Line) error {
	var text strings.Builder
	for _, each := range lines {
		text.WriteString(each.Message)
	}
	l.server.talk.Ask(Question{Ask: "output", Step: fmt.Sprint(step), Text: text.String()})
	return nil
}

func (l *line) UploadCard(context.Context, int64, *drone.CardInput) error { return nil }
