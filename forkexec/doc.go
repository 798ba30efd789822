// Package forkexec starts a child process exactly as configured, or says which
// step failed.
//
//	p, err := forkexec.Start(&forkexec.Cmd{Path: "/bin/ls", Args: []string{"ls", "-l"}})
//	if err != nil {
//		return err // exec /bin/ls: no such file or directory
//	}
//	result, err := p.Wait()
//
// It goes from a plain program to a container: sessions and terminals,
// descriptors, credentials, capabilities, namespaces, mounts and a new root,
// resource limits, cgroup v2, Landlock, seccomp filters, and tracing by ptrace
// with the very first execve seen. It is for Linux, and for those whom os/exec
// does not let far enough. It is no shell (nothing is searched in $PATH), no
// container runtime (no images, no networks but loopback), and it keeps no
// state: what there is of a child is in its Process.
//
// # The two halves
//
// The parent (fork_linux.go) checks the whole Cmd before anything is started, and
// an error there names the field. It copies it into what system calls take, makes
// pipes, cgroup and shared memory, clones, does what only it can do (id
// mappings, the sync function, attaching), converts errors and cleans up.
//
// The child (fork_child_linux.go, child_*.go) runs between clone and execve in a
// copy of a process of which only one thread is left. So it makes raw system
// calls and nothing else: no allocation, no lock, no growth of the stack. Its
// steps run in the order of the constants Step..., from StepWait to StepExec:
//
//	wait for the parent · session · namespaces · mounts, new root, names ·
//	umask, priorities, personality · descriptors · terminal · limits ·
//	bounding set, groups, user, capabilities · directory · no_new_privs ·
//	Landlock · open files · sync · ptrace · signal mask · filter · execve
//
// Everything that needs privileges comes before they go; the working directory
// is entered as the user that the program runs as; the limit on open files comes
// when the start opens none any more; the filter comes last, so it need not allow
// what the start itself does.
//
// # vfork or fork
//
// Where the child has nothing to wait for, it is a vfork (CLONE_VM|CLONE_VFORK,
// by assembly for each architecture): the parent's memory is not copied, and no
// pipe is needed, for when clone returns, execve has succeeded or the child's
// report is there. A fork is made where the child waits for the parent (id
// mappings, Sync, Ptrace, SeccompListener, Init), where a change of credentials
// would make the shared memory undumpable, for time namespaces, and under a
// filter that might neither let it start its program nor end. Nothing of the
// caller is changed by the child in either, and while it waits it keeps nothing
// open that execve would close: a pipe that the caller closes is closed.
//
// In a fork the two talk by a socket pair, a byte each way, and an end of file is
// a dead parent or an execve. The error itself is in a page of shared memory:
// a filter may forbid write by then.
//
// # Errors
//
// Every error of Start is an *Error: Kind (parameter, system call,
// synchronisation, configuration), Step, Index where a step has many, and the
// cause for errors.Is. Its text leads with the step:
//
//	exec /bin/nope: no such file or directory
//	mount tmpfs on /proc/x: make mount point: no such file or directory
//	check Files[3]: descriptor 17: bad file descriptor
//
// After an error the child is dead and reaped, and no descriptor, mapping,
// cgroup or lock is left. A child that a signal ends between the last word of the
// parent and execve is told by Wait, not by Start: from outside, it looks as if it
// had died just after.
//
// # Tracing
//
// With Cmd.Ptrace, Start returns before execve, the child being in a
// syscall-exit-stop from which the next thing it does is execve; everything that
// came before has been consumed. See PtraceMode. The tracer resumes the
// child, waits for it with __WALL (and __WNOTHREAD, if it values the children of
// others), asks Process.ExecError if it dies before PTRACE_EVENT_EXEC, and calls
// Process.Reaped when it has reaped it.
//
//	runtime.LockOSThread()
//	p, err := forkexec.Start(&forkexec.Cmd{
//		Path: path, Args: args,
//		Ptrace:        forkexec.PtraceSeize,
//		PtraceOptions: unix.PTRACE_O_TRACESYSGOOD | unix.PTRACE_O_TRACEEXEC,
//	})
//	...
//	unix.PtraceSyscall(p.PID(), 0) // the next stop is the entry of execve
//
// # Isolation
//
// Namespaces are those of clone(2). An ordinary user adds CLONE_NEWUSER and
// usually maps itself to root:
//
//	&forkexec.Cmd{
//		Path:       "/bin/sh",
//		Namespaces: unix.CLONE_NEWUSER | unix.CLONE_NEWNS | unix.CLONE_NEWPID | unix.CLONE_NEWNET,
//		UIDMap:     []forkexec.IDMap{{Inside: 0, Outside: uint32(os.Getuid()), Count: 1}},
//		GIDMap:     []forkexec.IDMap{{Inside: 0, Outside: uint32(os.Getgid()), Count: 1}},
//		Mounts: []forkexec.Mount{
//			{Type: "tmpfs", Target: "/", Options: "size=1m"},
//			{Type: "bind", Source: "/usr", Target: "/usr", Options: "ro"},
//			{Type: "symlink", Source: "usr/bin", Target: "/bin"},
//			{Type: "proc", Target: "/proc"},
//			{Type: "dev", Target: "/dev"},
//		},
//		ReadonlyRoot: true,
//	}
//
// Mounts take Linux 5.12. Targets are looked up inside the new root, so links
// in it lead nowhere else, and read-only binds are so all the way down.
//
// In a pid namespace the program is process 1, for which the kernel ignores
// the default action of signals; Cmd.Init puts a process of ours there.
//
// # Ends
//
// Wait waits for one pid, never for a group, so a child that makes a session of
// its own is not lost; and output that others still hold open does not keep it.
// What the child started is gone with it in a pid namespace and in a Cgroup;
// Contain makes sure of one of them. Limits on time, output and, by
// cgroup v2, on memory and processes end the child, and Result says which did.
package forkexec
