// Package tracer runs programs under ptrace(2): stops come in, actions go out.
// It does not decode, print or decide; who ranges over its stops does.
//
//	t, err := tracer.New(tracer.Options{FollowForks: true})
//	...
//	p, err := t.Start(&forkexec.Cmd{Path: "/bin/ls"})
//	...
//	for s, err := range t.Stops(ctx) {
//		if err != nil {
//			return err
//		}
//		if s.Kind == tracer.SyscallEnter && forbidden(s.Event) {
//			s.Do(tracer.Action{Skip: true, Result: -int64(unix.EPERM)})
//		}
//	}
//	return t.Close(tracer.LetGo)
//
// # ptrace on one page
//
// A tracee is one thread, and so is its tracer: every request must come from the
// thread that attached. That is why a [Tracer] locks its goroutine, does all
// that is its own on it, and sends nothing over channels.
//
// A tracee runs until something of interest happens. Then it stops, wait4 tells
// the tracer, and it stays stopped until a request lets it go on. While it is
// stopped the tracer may read and write its registers and memory.
//
//	               SEIZE, INTERRUPT        fork, vfork, clone of a tracee
//	not traced ─────────────┐                       │ first stop
//	    ▲                   ▼                       ▼
//	    │ DETACH     ╔═════════════╗  wait4  ┌─────────────┐
//	    ├────────────║   stopped   ║◀────────│   running   │
//	    │            ╚═════════════╝         └─────────────┘
//	    │              │  │  SYSCALL, CONT        ▲   │
//	    │              │  └───────────────────────┘   │ exit, SIGKILL,
//	    │       LISTEN │                              │ execve of a sibling
//	    │              ▼      SIGCONT                 ▼
//	    │         group-stop ─────────▶ stopped     gone
//	    └──────────────┘ (INTERRUPT first)
//
// The stops, as wait4's status has them (see classify):
//
//   - syscall-enter-stop and syscall-exit-stop: SIGTRAP|0x80, under SYSCALL. The
//     two look alike; PTRACE_GET_SYSCALL_INFO tells them apart and has numbers,
//     arguments and result. Before Linux 5.3 the registers have to do.
//   - PTRACE_EVENT_SECCOMP: a filter returned RET_TRACE. It comes after the
//     enter-stop if there is one, and SYSCALL leads from it to the exit-stop.
//   - PTRACE_EVENT_FORK, VFORK, CLONE: in the call, when the new task exists. The
//     new task's own first stop may be told before or after it.
//   - PTRACE_EVENT_EXEC: in a successful execve. All other threads are gone. If
//     the caller was not the leader, it has the leader's id now, and the leader
//     is gone without a word: Superseded.
//   - signal-delivery-stop: any signal. The tracee gets it, another or none, as
//     the request that lets it go on says. SIGKILL alone does not stop.
//   - group-stop: SIGSTOP, SIGTSTP, SIGTTIN or SIGTTOU stopped the process. After
//     LISTEN it stays so, and says when SIGCONT ends it.
//   - PTRACE_EVENT_STOP with SIGTRAP: after INTERRUPT, after SIGCONT, and the
//     first stop of a new task.
//
// Tasks that are attached by PTRACE_TRACEME (Options.TraceMe) have no INTERRUPT
// and no LISTEN: a group-stop ends at once, a detach takes a SIGSTOP that is
// caught again, and new tasks begin with one.
//
// SIGKILL can end a tracee in any state, so every request can fail with ESRCH: it
// is handled in one place, and the task's end is told by wait4.
//
// # Processes that a tracer adds
//
// The program itself, which [Tracer.Start] starts through package forkexec, and
// when it is first asked to be woken a process that only waits (see [Waker]).
// Both are children of the tracer's thread.
package tracer
