//go:build !amd64

package tracer

// foreignCalls makes none: this machine has one ABI for 64-bit code.
func foreignCalls([]string) {}
