// Package tracer runs programs under ptrace: stops come in, actions go out.
package tracer
