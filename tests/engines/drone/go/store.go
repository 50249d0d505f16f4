package main

import (
	"context"
	"errors"
	"io"
	"slices"
	"sync"

	"github.com/drone/drone/core"
	"github.com/drone/drone/store/shared/db"
)

var errNone = errors.New("no such row")

// tables are the server's tables in memory. What is handed out is a copy, as from a database, and a row changes only in
// the columns that the server's statements name.
type tables struct {
	mu     sync.Mutex
	repo   core.Repository
	builds []*core.Build
	stages []*core.Stage
	steps  []*core.Step
}

type (
	repoTable struct {
		core.RepositoryStore
		*tables
	}
	buildTable struct {
		core.BuildStore
		*tables
	}
	stageTable struct {
		core.StageStore
		*tables
	}
	stepTable struct {
		core.StepStore
		*tables
	}
)

func (t repoTable) Find(context.Context, int64) (*core.Repository, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	repo := t.repo
	return &repo, nil
}

func (t repoTable) FindName(ctx context.Context, namespace, name string) (*core.Repository, error) {
	if t.repo.Namespace != namespace || t.repo.Name != name {
		return nil, errNone
	}
	return t.Find(ctx, 1)
}

func (t repoTable) Increment(ctx context.Context, _ *core.Repository) (*core.Repository, error) {
	t.mu.Lock()
	t.repo.Counter++
	t.mu.Unlock()
	return t.Find(ctx, 1)
}

func (t buildTable) Create(_ context.Context, build *core.Build, stages []*core.Stage) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	build.ID, build.Version = int64(len(t.builds)+1), 1
	row := *build
	t.builds = append(t.builds, &row)
	for _, stage := range stages {
		stage.ID, stage.BuildID, stage.Version = int64(len(t.stages)+1), build.ID, 1
		t.stages = append(t.stages, copied(stage))
	}
	return nil
}

func (t buildTable) Find(_ context.Context, id int64) (*core.Build, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, row := range t.builds {
		if row.ID == id {
			build := *row
			return &build, nil
		}
	}
	return nil, errNone
}

func (t buildTable) FindNumber(_ context.Context, _, number int64) (*core.Build, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, row := range t.builds {
		if row.Number == number {
			build := *row
			return &build, nil
		}
	}
	return nil, errNone
}

func (t buildTable) Update(_ context.Context, build *core.Build) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	for index, row := range t.builds {
		if row.ID != build.ID {
			continue
		}
		if row.Version != build.Version {
			return db.ErrOptimisticLock
		}
		build.Version++
		kept := *build
		kept.Stages, kept.Params = nil, row.Params
		t.builds[index] = &kept
		return nil
	}
	return errNone
}

func copied(stage *core.Stage) *core.Stage {
	row := *stage
	row.Steps = nil
	row.DependsOn = slices.Clone(stage.DependsOn)
	return &row
}

func (t stageTable) list(wanted func(*core.Stage) bool) []*core.Stage {
	t.mu.Lock()
	defer t.mu.Unlock()
	var found []*core.Stage
	for _, row := range t.stages {
		if wanted(row) {
			found = append(found, copied(row))
		}
	}
	return found
}

func (t stageTable) List(_ context.Context, build int64) ([]*core.Stage, error) {
	return t.list(func(row *core.Stage) bool { return row.BuildID == build }), nil
}

func (t stageTable) ListIncomplete(context.Context) ([]*core.Stage, error) {
	return t.list(func(row *core.Stage) bool {
		return row.Status == core.StatusPending || row.Status == core.StatusRunning
	}), nil
}

func (t stageTable) ListSteps(ctx context.Context, build int64) ([]*core.Stage, error) {
	stages, _ := t.List(ctx, build)
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, stage := range stages {
		for _, row := range t.steps {
			if row.StageID == stage.ID {
				step := *row
				stage.Steps = append(stage.Steps, &step)
			}
		}
	}
	return stages, nil
}

func (t stageTable) Find(_ context.Context, id int64) (*core.Stage, error) {
	found := t.list(func(row *core.Stage) bool { return row.ID == id })
	if len(found) == 0 {
		return nil, errNone
	}
	return found[0], nil
}

func (t stageTable) Update(_ context.Context, stage *core.Stage) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	for index, row := range t.stages {
		if row.ID != stage.ID {
			continue
		}
		if row.Version != stage.Version {
			return db.ErrOptimisticLock
		}
		stage.Version++
		kept := copied(stage)
		kept.RepoID, kept.BuildID, kept.Number, kept.Name = row.RepoID, row.BuildID, row.Number, row.Name
		kept.Kind, kept.Type, kept.Limit, kept.LimitRepo = row.Kind, row.Type, row.Limit, row.LimitRepo
		t.stages[index] = kept
		return nil
	}
	return errNone
}

func (t stepTable) Create(_ context.Context, step *core.Step) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	step.ID, step.Version = int64(len(t.steps)+1), 1
	row := *step
	t.steps = append(t.steps, &row)
	return nil
}

func (t stepTable) Update(_ context.Context, step *core.Step) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	for index, row := range t.steps {
		if row.ID == step.ID {
			if row.Version != step.Version {
				return db.ErrOptimisticLock
			}
			step.Version++
			kept := *step
			kept.StageID, kept.Number, kept.Name = row.StageID, row.Number, row.Name
			t.steps[index] = &kept
			return nil
		}
	}
	return errNone
}

// services are the server's other parts: one owner, one file, secrets, and nobody who listens.
type services struct{ Setup }

func (s services) Find(context.Context, *core.ConfigArgs) (*core.Config, error) {
	return &core.Config{Data: s.File}, nil
}

type converter struct{}

func (converter) Convert(_ context.Context, given *core.ConvertArgs) (*core.Config, error) {
	return given.Config, nil
}

type validator struct{}

func (validator) Validate(context.Context, *core.ValidateArgs) error { return nil }

type owner struct{ core.UserStore }

func (owner) Find(context.Context, int64) (*core.User, error) {
	return &core.User{ID: 1, Login: "ada", Active: true}, nil
}

type host struct {
	core.CommitService
	Setup
}

func (h host) Find(ctx context.Context, user *core.User, repo, sha string) (*core.Commit, error) {
	for _, commit := range h.Commits {
		if commit.Sha == sha {
			return h.commit(commit), nil
		}
	}
	return nil, errNone
}

func (h host) FindRef(_ context.Context, _ *core.User, _, ref string) (*core.Commit, error) {
	if commit, ok := h.Commits[ref]; ok {
		return h.commit(commit), nil
	}
	return nil, errNone
}

func (host) commit(given Commit) *core.Commit {
	who := &core.Committer{Name: given.Name, Email: given.Email, Login: given.Login}
	return &core.Commit{Sha: given.Sha, Message: given.Message, Author: who, Committer: who}
}

type secretTable struct {
	core.SecretStore
	Setup
}

func (s secretTable) List(context.Context, int64) ([]*core.Secret, error) {
	var found []*core.Secret
	for _, each := range s.Secrets {
		found = append(found, &core.Secret{Name: each.Name, Data: each.Data, PullRequest: each.PullRequest})
	}
	return found, nil
}

type noGlobals struct{ core.GlobalSecretStore }

func (noGlobals) List(context.Context, string) ([]*core.Secret, error) { return nil, nil }

type (
	noStatus  struct{}
	noHooks   struct{}
	noEvents  struct{ core.Pubsub }
	noStream  struct{ core.LogStream }
	noLogs    struct{ core.LogStore }
	noNetrc   struct{}
	noCancels struct{ core.Canceler }
)

func (noStatus) Send(context.Context, *core.User, *core.StatusInput) error { return nil }

func (noHooks) Send(context.Context, *core.WebhookData) error { return nil }

func (noEvents) Publish(context.Context, *core.Message) error { return nil }

func (noStream) Create(context.Context, int64) error { return nil }

func (noStream) Delete(context.Context, int64) error { return nil }

func (noLogs) Create(context.Context, int64, io.Reader) error { return nil }

func (noNetrc) Create(context.Context, *core.User, *core.Repository) (*core.Netrc, error) {
	return nil, nil
}
