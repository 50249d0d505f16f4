package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"time"

	"github.com/drone/drone/core"
	"github.com/drone/drone/handler/api/repos/builds"
	"github.com/drone/drone/handler/api/request"
	"github.com/drone/drone/operator/manager"
	"github.com/drone/drone/scheduler/queue"
	"github.com/drone/drone/service/hook/parser"
	"github.com/drone/drone/trigger"
	"github.com/drone/go-scm/scm/driver/github"
	"github.com/go-chi/chi"
)

const (
	hookSecret = "between-the-host-and-the-server"
	stuckAfter = 400 * time.Millisecond
)

var background = context.Background()

// Server is the server with its runners.
type Server struct {
	Setup
	talk      *Talk
	tables    *tables
	scheduler core.Scheduler
	triggerer core.Triggerer
	manager   manager.BuildManager

	mu     sync.Mutex
	busy   int
	moved  time.Time
	places map[string]bool
}

// Result is what became of a command: the build that it started, if any, once nothing of it moves any more.
type Result struct {
	Build  int64  `json:"build"`
	Status string `json:"status"`
	Error  string `json:"error"`
	Stages []Part `json:"stages"`
}

// Part is a pipeline of a build.
type Part struct {
	Name      string `json:"name"`
	Status    string `json:"status"`
	Error     string `json:"error"`
	OnFailure bool   `json:"on_failure"`
}

func newServer(setup Setup, talk *Talk) *Server {
	namespace, name, _ := cutSlug(setup.Slug)
	t := &tables{repo: core.Repository{
		ID: 1, UserID: 1, UID: "1", Namespace: namespace, Name: name, Slug: setup.Slug, SCM: "git", HTTPURL: setup.URL,
		Link: "https://host.example/" + setup.Slug, Branch: setup.Branch, Private: true, Visibility: core.VisibilityPrivate,
		Active: true, Config: ".drone.yml", Trusted: setup.Trusted, IgnoreForks: setup.Forks, Timeout: 60,
	}}
	s := &Server{Setup: setup, talk: talk, tables: t, places: map[string]bool{}}
	system := &core.System{Proto: "https", Host: "drone.example", Link: "https://drone.example", Version: "1.10.1"}
	s.scheduler = queue.New(stageTable{tables: t})
	s.triggerer = trigger.New(
		noCancels{}, services{setup}, converter{}, host{Setup: setup}, noStatus{}, buildTable{tables: t}, s.scheduler,
		repoTable{tables: t}, owner{}, validator{}, noHooks{},
	)
	s.manager = manager.New(
		buildTable{tables: t}, services{setup}, converter{}, noEvents{}, noLogs{}, noStream{}, noNetrc{}, repoTable{tables: t},
		s.scheduler, secretTable{Setup: setup}, noGlobals{}, noStatus{}, stageTable{tables: t}, stepTable{tables: t}, system,
		owner{}, noHooks{},
	)
	return s
}

func (s *Server) do(command Command) Result {
	if command.Would {
		s = s.aside()
	}
	before := len(s.tables.builds)
	var err error
	switch {
	case command.Hook != "":
		err = s.hook(command)
	case command.Cron != "":
		err = s.cron(command)
	case command.Promote != 0:
		err = s.promote(command)
	case command.Post != "":
		err = s.post(command)
	}
	if err != nil {
		return Result{Error: err.Error()}
	}
	if len(s.tables.builds) == before {
		return Result{}
	}
	if command.Would || command.Later {
		return s.result(s.tables.builds[before])
	}
	return s.follow(int64(before + 1))
}

// aside is a server with the same tables to which no runner comes.
func (s *Server) aside() *Server {
	other := newServer(s.Setup, s.talk)
	other.tables.repo.Counter = s.tables.repo.Counter
	other.tables.builds = slices.Clone(s.tables.builds)
	return other
}

// hook reads a webhook as the server does, and triggers.
func (s *Server) hook(command Command) error {
	call := httptest.NewRequest(http.MethodPost, "/hook", bytes.NewReader(command.Payload))
	call.Header.Set("X-GitHub-Event", command.Hook)
	call.Header.Set("X-GitHub-Delivery", "1")
	mac := hmac.New(sha256.New, []byte(hookSecret))
	mac.Write(command.Payload)
	call.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	call.Header.Set("X-Hub-Signature", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	found, _, err := parser.New(github.NewDefault()).Parse(call, func(string) string { return hookSecret })
	if err != nil || found == nil {
		return err
	}
	repo, _ := repoTable{tables: s.tables}.Find(background, 1)
	_, err = s.triggerer.Trigger(background, repo, found)
	return err
}

// cron is what the server's scheduler does with a job that is due: such a build has no source branch.
func (s *Server) cron(command Command) error {
	repo, _ := repoTable{tables: s.tables}.Find(background, 1)
	commit, err := host{Setup: s.Setup}.FindRef(background, nil, s.Slug, "refs/heads/"+command.Branch)
	if err != nil {
		return err
	}
	_, err = s.triggerer.Trigger(background, repo, &core.Hook{
		Trigger: core.TriggerCron, Event: core.EventCron, Message: commit.Message, After: commit.Sha,
		Ref: "refs/heads/" + command.Branch, Target: command.Branch, Author: commit.Author.Login, AuthorName: commit.Author.Name,
		AuthorEmail: commit.Author.Email, Cron: command.Cron, Sender: commit.Author.Login,
	})
	return err
}

// post asks the server's API for a custom build.
func (s *Server) post(command Command) error {
	user := &core.User{ID: 1, Login: "ada", Active: true}
	repos := repoTable{tables: s.tables}
	router := chi.NewRouter()
	router.Post("/{owner}/{name}/builds", builds.HandleCreate(owner{}, repos, host{Setup: s.Setup}, s.triggerer))
	call := httptest.NewRequest(http.MethodPost, command.Post, nil)
	answer := httptest.NewRecorder()
	router.ServeHTTP(answer, call.WithContext(request.WithUser(background, user)))
	if answer.Code != http.StatusOK {
		return fmt.Errorf("the API answers %d: %s", answer.Code, answer.Body)
	}
	return nil
}

// promote is what the server's API does for a promotion (handler/api/repos/builds/promote.go, which is none of the open
// source edition): the build again, parameters included, with another event and a target.
func (s *Server) promote(command Command) error {
	earlier, err := buildTable{tables: s.tables}.FindNumber(background, 1, command.Promote)
	if err != nil {
		return err
	}
	repo, _ := repoTable{tables: s.tables}.Find(background, 1)
	_, err = s.triggerer.Trigger(background, repo, &core.Hook{
		Parent: earlier.Number, Trigger: "ada", Event: core.EventPromote, Action: earlier.Action, Link: earlier.Link,
		Timestamp: earlier.Timestamp, Title: earlier.Title, Message: earlier.Message, Before: earlier.Before, After: earlier.After,
		Ref: earlier.Ref, Fork: earlier.Fork, Source: earlier.Source, Target: earlier.Target, Author: earlier.Author,
		AuthorName: earlier.AuthorName, AuthorEmail: earlier.AuthorEmail, Deployment: command.Target, Cron: earlier.Cron,
		Sender: earlier.Sender, Params: maps.Clone(earlier.Params),
	})
	return err
}

// follow lets all builds run until they have ended, or until nothing can start any more.
func (s *Server) follow(id int64) Result {
	table := buildTable{tables: s.tables}
	for each := int64(1); each <= id; each++ {
		s.poll(each)
	}
	s.move(0)
	for {
		done := true
		for each := int64(1); each <= id; each++ {
			build, _ := table.Find(background, each)
			done = done && build.IsDone()
		}
		s.mu.Lock()
		idle, since := s.busy == 0, time.Since(s.moved)
		s.mu.Unlock()
		if idle && (done || since > stuckAfter) {
			build, _ := table.Find(background, id)
			return s.result(build)
		}
		time.Sleep(time.Millisecond)
	}
}

func (s *Server) result(build *core.Build) Result {
	found := Result{Build: build.Number, Status: build.Status, Error: build.Error}
	stages, _ := stageTable{tables: s.tables}.List(background, build.ID)
	for _, stage := range stages {
		found.Stages = append(found.Stages, Part{stage.Name, stage.Status, stage.Error, stage.OnFailure})
	}
	return found
}

// move says that something begins or ends.
func (s *Server) move(more int) {
	s.mu.Lock()
	s.busy += more
	s.moved = time.Now()
	s.mu.Unlock()
}
