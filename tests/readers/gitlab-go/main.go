// Command gitlab-go reads a JSON array of jobs, as a GitLab server sends them, on standard input and prints what the runner
// makes of each: its scripts, image, services, by the runner's own code.
//
// Three of its modules are on no public proxy; absent/ stands for them. They are about steps, job inputs and names in logs.
package main

import (
	"context"
	"encoding/json"
	"os"

	"github.com/sirupsen/logrus"
	"mvdan.cc/sh/v3/shell"

	"gitlab.com/gitlab-org/gitlab-runner/common"
	"gitlab.com/gitlab-org/gitlab-runner/common/spec"
	"gitlab.com/gitlab-org/gitlab-runner/helpers/featureflags"
	"gitlab.com/gitlab-org/gitlab-runner/shells"
)

type request struct {
	Job   spec.Job `json:"job"`
	Root  string   `json:"root"`
	Posix bool     `json:"posix"`
}

type service struct {
	Name      string            `json:"name"`
	Alias     string            `json:"alias"`
	Command   []string          `json:"command"`
	Variables map[string]string `json:"variables"`
}

type answer struct {
	Folder   string            `json:"folder"`
	Scripts  map[string]string `json:"scripts"`
	Image    string            `json:"image"`
	Services []service         `json:"services"`
	Paths    []string          `json:"paths"`
	Error    string            `json:"error"`
}

var stages = []common.BuildStage{
	"step_script",
	common.BuildStageRestoreCache,
	common.BuildStageArchiveOnSuccessCache,
	common.BuildStageUploadOnSuccessArtifacts,
	common.BuildStageUploadOnFailureArtifacts,
}

func read(asked request) (result answer, err error) {
	config := &common.RunnerConfig{RunnerSettings: common.RunnerSettings{
		Executor:     "docker",
		FeatureFlags: map[string]bool{featureflags.PosixlyCorrectEscapes: asked.Posix},
	}}
	config.URL = "https://gitlab.example.com"
	build, err := common.NewBuild(asked.Job, config, nil, nil, nil)
	if err != nil {
		return result, err
	}
	if err := build.StartBuild(asked.Root+"/builds", asked.Root+"/cache", false, false, false); err != nil {
		return result, err
	}
	variables := build.GetAllVariables()
	result.Folder = build.FullProjectDir()
	result.Image = variables.ExpandValue(build.Image.Name)
	for _, each := range build.Services {
		found := service{variables.ExpandValue(each.Name), variables.ExpandValue(each.Alias), each.Command, map[string]string{}}
		own := build.GetServiceVariables(each)
		for _, variable := range each.Variables {
			found.Variables[variable.Key] = own.Get(variable.Key)
		}
		result.Services = append(result.Services, found)
	}
	// What commands/helpers/artifacts_uploader.go does to a path.
	for _, artifact := range build.Artifacts {
		for _, path := range artifact.Paths {
			expanded, err := shell.Expand(path, nil)
			if err != nil {
				return result, err
			}
			result.Paths = append(result.Paths, expanded)
		}
	}
	writer := &shells.BashShell{Shell: "sh"}
	info := common.ShellScriptInfo{Shell: "sh", Build: build, RunnerCommand: "gitlab-runner-helper"}
	result.Scripts = map[string]string{}
	for _, stage := range stages {
		script, err := writer.GenerateScript(context.Background(), stage, info)
		if err == nil {
			result.Scripts[string(stage)] = script
		}
	}
	return result, nil
}

func main() {
	logrus.SetLevel(logrus.PanicLevel)
	var asked []request
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		panic(err)
	}
	answers := []answer{}
	for _, each := range asked {
		result, err := read(each)
		if err != nil {
			result.Error = err.Error()
		}
		answers = append(answers, result)
	}
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		panic(err)
	}
}
