// Package api stands for the step-runner's.
package api

// DefaultSocketPath is where a step-runner would listen.
func DefaultSocketPath() string { return "" }
