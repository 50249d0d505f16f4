// Package expression stands for the step-runner's: jobs here have no inputs of their own to evaluate.
package expression

import (
	"errors"

	"gitlab.com/gitlab-org/moa/ast"
	"gitlab.com/gitlab-org/moa/value"
)

// Sensitive marks a value that is not to be shown.
const Sensitive uint16 = 1

// Input is one input of a job.
type Input struct {
	Key   string
	Value value.Value
}

// Evaluator evaluates nothing.
type Evaluator struct{}

// NewEvaluator returns one.
func NewEvaluator(value.Value) (*Evaluator, error) { return &Evaluator{}, nil }

// Eval fails.
func (*Evaluator) Eval(string, ast.Expr) (value.Value, error) {
	return value.Null(), errors.New("no inputs")
}
