// Package client stands for the step-runner's.
package client

import "time"

// State is how a run of steps ended.
type State int

// The states that the runner knows.
const (
	StateSuccess State = iota
	StateCancelled
)

func (State) String() string { return "" }

// ErrorKind is why a run failed.
type ErrorKind int

// The kinds that the runner knows.
const (
	ErrorInternal ErrorKind = iota
	ErrorStepFailure
	ErrorCancelled
	ErrorTimeout
	ErrorUnknown
)

// Status is what a run of steps ended with.
type Status struct {
	State     State
	Message   string
	ErrorKind ErrorKind
}

// Variable is a variable of the job.
type Variable struct {
	Key, Value   string
	File, Masked bool
}

// RunRequest asks for a run of steps.
type RunRequest struct {
	Id, WorkDir, BuildDir, Steps string
	Timeout                      *time.Duration
	Env                          map[string]string
	Variables                    []Variable
}
