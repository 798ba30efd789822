// Package enforce applies a policy to running programs: it starts or attaches to
// them, sees their system calls, asks package policy, and has the verdict come
// true.
//
//	e, err := enforce.New(enforce.Options{Policy: p})
//	...
//	proc, err := e.Start(&forkexec.Cmd{Path: "/usr/bin/make", Args: []string{"make"}})
//	...
//	result, err := e.Run(ctx)
//
// It is not the language of policies, nor what a rule means (package policy); it
// prints nothing and asks nobody: questions and records go to the functions in
// [Options].
//
// # Who decides
//
// Each decision is carried by the strongest that can carry it, and a
// [policy.Verdict] says by whom:
//
//   - kernel: the seccomp filter that the policy compiles to answers what the
//     registers decide, alike in every profile that can be reached.
//   - performed: calls that name files or addresses come here as user
//     notifications. The supervisor copies the words once, resolves them as the
//     program would, judges the object that it got hold of, and does the call
//     itself, on that object. What the program changes meanwhile is not looked
//     at again.
//   - tracer: the call stops, and registers alone decide. Nothing can change the
//     registers of a stopped thread.
//   - checked: the call stops, the words in its memory are judged, and the kernel
//     then reads them again. Another thread can change them in between, so this
//     is only as good as the program is honest. It is what is left for attached
//     processes and on kernels without notifications; see [Enforcer.Limits].
//
// An execve is decided at its entry and verified when the new program is there,
// before its first instruction: a file that is not the one that was judged ends
// the process.
//
// # What holds whatever a policy says
//
// Every task is followed from its first instruction, whatever it does to get away
// (CLONE_UNTRACED is taken out), and all die with the supervisor. Calls that
// reach into other processes, around path names or at the terminal's input are
// denied unless a rule names them: see hazards. What cannot be read is denied.
// exit, exit_group, rt_sigreturn and the first execve of Start pass.
//
// # Threads
//
// An Enforcer belongs to the goroutine that calls its methods, as a
// [tracer.Tracer] does. Notifications are answered by goroutines of its own on
// threads of their own, which take on the credentials of the program where they
// differ: one, and more where it does not keep up or waits itself (serve.go).
// [Question.Answer] is for any goroutine.
package enforce
