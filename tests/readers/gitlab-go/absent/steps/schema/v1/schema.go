// Package schema stands for the steps of GitLab's experimental keyword run, which no emitted file holds.
package schema

// Step is one step of run.
type Step struct {
	Name   *string    `json:"name,omitempty" yaml:"name,omitempty"`
	Step   any        `json:"step,omitempty" yaml:"step,omitempty"`
	Inputs StepInputs `json:"inputs,omitempty" yaml:"inputs,omitempty"`
	Run    []Step     `json:"run,omitempty" yaml:"run,omitempty"`
}

// StepInputs are a step's inputs.
type StepInputs map[string]any
