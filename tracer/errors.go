package tracer

import "errors"

// ErrNotHeld says that Resume was given a task that is not held, or no longer
// there.
var ErrNotHeld = errors.New("task is not held")
