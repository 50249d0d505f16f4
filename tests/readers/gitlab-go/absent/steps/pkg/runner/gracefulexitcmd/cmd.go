// Package gracefulexitcmd stands for the step-runner's.
package gracefulexitcmd

import (
	"context"
	"os/exec"
	"time"
)

// New returns a command that is killed with its context.
func New(ctx context.Context, _ time.Duration, name string, args ...string) *exec.Cmd {
	return exec.CommandContext(ctx, name, args...)
}
