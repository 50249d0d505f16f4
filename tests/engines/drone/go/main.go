// Command drone-engine is a Drone server and its runners in one process, for one repository with one pipeline file.
//
// What starts, in which order, and what a step is told is decided by Drone's own code: the server's reading of webhooks, its
// triggers, linter, queue and teardown (drone/drone), the runner's substitution, parser, conditions, secrets, environment and
// executor (drone/runner-go). Ours is what the docker runner adds to them (compile.go, step.go: after its sources, since the
// module is not at hand), the server's tables (store.go, kept in memory), and containers, which are processes.
//
// It reads one JSON object a line: first the set-up, then commands; and answers each with one. In between it asks: a line with
// "ask" wants an answer. `drone-engine enter FILE` is what a container's process is before it becomes its entrypoint;
// `drone-engine lint` only reads files, `drone-engine read` says what becomes of them.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/sirupsen/logrus"
)

// Setup is the first line: the repository as its settings are, and the machine that the runner is on. A limit is in seconds,
// and stands for the repository's timeout where time goes faster.
type Setup struct {
	File    string            `json:"file"`
	Slug    string            `json:"slug"`
	Branch  string            `json:"branch"`
	URL     string            `json:"url"`
	Forks   bool              `json:"ignore_forks"`
	Trusted bool              `json:"trusted"`
	Secrets []Secret          `json:"secrets"`
	Commits map[string]Commit `json:"commits"`
	Work    string            `json:"work"`
	Show    []string          `json:"show"`
	Limit   int               `json:"limit"`
	Environ map[string]string `json:"environ"`
}

// Secret is one of the repository's secrets, as `drone secret add` leaves it.
type Secret struct {
	Name        string `json:"name"`
	Data        string `json:"data"`
	PullRequest bool   `json:"pull_request"`
}

// Commit is what the source code host says of a reference.
type Commit struct {
	Sha     string `json:"sha"`
	Message string `json:"message"`
	Name    string `json:"name"`
	Email   string `json:"email"`
	Login   string `json:"login"`
}

// Command is what happens to the server: a webhook, a cron job that is due, a request to its API, or a promotion. With `would` nothing runs:
// the answer says which pipelines would. With `later` nothing runs before the next command.
type Command struct {
	Hook    string          `json:"hook"`
	Payload json.RawMessage `json:"payload"`
	Cron    string          `json:"cron"`
	Branch  string          `json:"branch"`
	Post    string          `json:"post"`
	Promote int64           `json:"promote"`
	Target  string          `json:"target"`
	Would   bool            `json:"would"`
	Later   bool            `json:"later"`
}

// Talk is the conversation with whoever started this program.
type Talk struct {
	mu  sync.Mutex
	in  *bufio.Reader
	out io.Writer
}

// Say writes one line.
func (t *Talk) Say(value any) {
	line, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	fmt.Fprintf(t.out, "%s\n", line)
}

// Read fills value from one line, and says whether there was one.
func (t *Talk) Read(value any) bool {
	line, err := t.in.ReadBytes('\n')
	if err != nil {
		return false
	}
	if err := json.Unmarshal(line, value); err != nil {
		panic(err)
	}
	return true
}

// Ask says something and waits for the answer. Two never mix.
func (t *Talk) Ask(question any) Answer {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.Say(question)
	var answer Answer
	t.Read(&answer)
	return answer
}

// Question is what the runner tells of a step: that it starts, ends, is skipped, printed something, or is to be played.
type Question struct {
	Ask        string            `json:"ask"`
	Build      int64             `json:"build"`
	Pipeline   string            `json:"pipeline"`
	Step       string            `json:"step"`
	Image      string            `json:"image,omitempty"`
	Job        bool              `json:"job,omitempty"`
	Ignored    bool              `json:"ignored,omitempty"`
	Privileged bool              `json:"privileged,omitempty"`
	Needs      []string          `json:"needs,omitempty"`
	Hosts      []string          `json:"hosts,omitempty"`
	Environ    map[string]string `json:"environ,omitempty"`
	Folders    map[string]string `json:"folders,omitempty"`
	Status     int               `json:"status"`
	Text       string            `json:"text,omitempty"`
}

// Answer is the status with which a played step ends, and what it prints.
type Answer struct {
	Status int    `json:"status"`
	Text   string `json:"text"`
}

func main() {
	logrus.SetOutput(io.Discard)
	if len(os.Args) == 3 && os.Args[1] == "enter" {
		enter(os.Args[2])
	}
	if len(os.Args) == 2 && os.Args[1] == "check" {
		check()
		return
	}
	if len(os.Args) == 2 && os.Args[1] == "lint" {
		lintAll(os.Stdin)
		return
	}
	if len(os.Args) == 2 && os.Args[1] == "read" {
		readAll(os.Stdin)
		return
	}
	talk := &Talk{in: bufio.NewReader(os.Stdin), out: os.Stdout}
	var setup Setup
	if !talk.Read(&setup) {
		return
	}
	server := newServer(setup, talk)
	for {
		var command Command
		if !talk.Read(&command) {
			return
		}
		talk.Say(server.do(command))
	}
}
