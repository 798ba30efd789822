package tracer

import "errors"

var (
	// ErrNotHeld says that Resume was given a task that is not held, or no
	// longer there.
	ErrNotHeld = errors.New("task is not held")
	// ErrGone says that a task was killed while it was stopped.
	ErrGone = errors.New("task is gone")
)
