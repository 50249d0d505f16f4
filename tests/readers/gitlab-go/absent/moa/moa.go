// Package moa stands for the language of `${{ job.inputs }}`: a job without inputs has none of it.
package moa

import (
	"errors"

	"gitlab.com/gitlab-org/moa/ast"
)

// ParseTemplate fails.
func ParseTemplate(string) (ast.Expr, error) { return nil, errors.New("no inputs") }

// EscapeTemplate returns the text.
func EscapeTemplate(text string) string { return text }
