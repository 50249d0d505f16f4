// Command concourse-steps reads a JSON array of jobs on standard input and says in which order Concourse's own code runs the
// steps of each, and how the build ends. Planner, stepper and every step that holds others are Concourse's (atc/builds,
// atc/engine, atc/exec, of 7.6, the newest that was at hand as a module); a task ends as the case wants it to.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sort"
	"sync"

	"code.cloudfoundry.org/lager"
	"code.cloudfoundry.org/lager/lagerctx"
	"github.com/concourse/concourse/atc"
	"github.com/concourse/concourse/atc/builds"
	"github.com/concourse/concourse/atc/db"
	"github.com/concourse/concourse/atc/db/dbfakes"
	"github.com/concourse/concourse/atc/engine"
	"github.com/concourse/concourse/atc/exec"
	"github.com/concourse/concourse/vars"
)

// testCase is a job, how each task ends each time (`ok`, `fail`, `error`; the last again and again), and the variables that there are.
type testCase struct {
	Job  atc.JobConfig       `json:"job"`
	Ends map[string][]string `json:"ends"`
	Vars map[string]any      `json:"vars"`
}

type answer struct {
	Ran    []string `json:"ran"`
	Status string   `json:"status"`
}

// leaves makes the steps that hold no others.
type leaves struct {
	engine.CoreStepFactory
	lock sync.Mutex
	ends map[string][]string
	ran  []string
}

type task struct {
	plan *atc.TaskPlan
	of   *leaves
}

func (all *leaves) TaskStep(plan atc.Plan, _ exec.StepMetadata, _ db.ContainerMetadata, _ engine.DelegateFactory) exec.Step {
	return &task{plan.Task, all}
}

// Run looks up the variables of the configuration, and ends.
func (step *task) Run(ctx context.Context, state exec.RunState) (bool, error) {
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	source := exec.InterpolateTemplateConfigSource{
		ConfigSource:  exec.StaticConfigSource{Config: step.plan.Config},
		Vars:          []vars.Variables{state},
		ExpectAllKeys: true,
	}
	config, err := source.FetchConfig(ctx, lager.NewLogger("task"), state.ArtifactRepository())
	step.of.lock.Lock()
	defer step.of.lock.Unlock()
	if err != nil {
		step.of.ran = append(step.of.ran, step.plan.Name+" undefined")
		return false, err
	}
	params := config.Params.Env()
	sort.Strings(params)
	step.of.ran = append(step.of.ran, fmt.Sprint(step.plan.Name, " ", params))
	ends := step.of.ends[step.plan.Name]
	if len(ends) == 0 {
		return true, nil
	}
	if len(ends) > 1 {
		step.of.ends[step.plan.Name] = ends[1:]
	}
	if ends[0] == "error" {
		return false, errors.New("no worker")
	}
	return ends[0] == "ok", nil
}

func run(given testCase) answer {
	plan, err := builds.NewPlanner(atc.NewPlanFactory(0)).Create(given.Job.StepConfig(), nil, nil, nil, nil)
	if err != nil {
		return answer{Status: err.Error()}
	}
	build := new(dbfakes.FakeBuild)
	build.SchemaReturns("exec.v2")
	all := &leaves{ends: given.Ends, ran: []string{}}
	stepper, err := engine.NewStepperFactory(all, "", nil, nil, nil, nil).StepperForBuild(build)
	if err != nil {
		return answer{Status: err.Error()}
	}
	state := exec.NewRunState(stepper, vars.StaticVariables(given.Vars), false)
	ok, err := state.Run(lagerctx.NewContext(context.Background(), lager.NewLogger("build")), plan)
	status := "failed"
	if errors.Is(err, context.Canceled) {
		status = "aborted"
	} else if err != nil {
		status = "errored"
	} else if ok {
		status = "succeeded"
	}
	return answer{all.ran, status}
}

func main() {
	atc.EnableAcrossStep = true
	var cases []testCase
	if err := json.NewDecoder(os.Stdin).Decode(&cases); err != nil {
		panic(err)
	}
	answers := []answer{}
	for _, each := range cases {
		answers = append(answers, run(each))
	}
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		panic(err)
	}
}
