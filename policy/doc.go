// Package policy holds rules about what a program may ask of the kernel: their
// language, the decision about one call, and what follows from both: seccomp
// filters, explanations, learned policies, other formats. docs/policy.md has the
// language.
//
// It is pure: it reads no process and enforces nothing. strait/policy/enforce
// applies its verdicts to traced processes.
//
// A [File] is what is written, a [Policy] what it means once all that it includes
// is there:
//
//	p, err := policy.Load("build.yaml", policy.Options{Vars: map[string]string{"HOME": home, "CWD": dir}})
//	verdict := p.Decide(event)            // a syscalls.Event that a Decoder has entered
//	program, err := p.Compile(policy.CompileOptions{})
//
// A call is a set of pairs of an effect and an object ([Pair]). A [Decider] finds
// them in the call's words; who knows better what the words name (which directory
// a descriptor is, where a symbolic link leads) is its [Resolver].
package policy
