package enforce

import (
	"fmt"

	"strait/policy"
	"strait/syscalls"

	"golang.org/x/sys/unix"
)

// A filter is what a program is started under.
type filter struct {
	program  []unix.SockFilter
	policy   *policy.Program // nil: everything stops
	notifies bool            // calls that operations can perform come as notifications
	flags    uint            // SECCOMP_FILTER_FLAG_*
}

// followed are calls that the supervisor must see to keep track of a task:
// seccomp and prctl for the tracer, which has to know of filters of the program's
// own, and those that make tasks, programs, roots and credentials.
var followed = [...]string{
	"seccomp", "prctl", "execve", "execveat", "clone3",
	"setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setfsuid", "setfsgid", "setgroups",
	"setuid32", "setgid32", "setreuid32", "setregid32", "setresuid32", "setresgid32", "setfsuid32", "setfsgid32", "setgroups32",
	"capset", "umask", "unshare", "setns",
}

// compile makes the filter for what is started; notify: calls that can be
// performed are to come as notifications.
func (e *Enforcer) compile(notify bool) (*filter, error) {
	if e.opt.Permissive || e.opt.Observe != nil {
		return &filter{program: []unix.SockFilter{ret(unix.SECCOMP_RET_TRACE)}}, nil
	}
	f := &filter{notifies: notify}
	o := policy.CompileOptions{Profile: e.profile, Trace: append(hazardCalls(), followed[:]...)}
	if notify {
		o.Notify = e.operationNames()
		if release() >= 519 {
			f.flags = killableRecv
		}
	}
	prog, err := e.pol.Load().Compile(o)
	if err != nil {
		return nil, fmt.Errorf("compile policy: %w", err)
	}
	f.policy = prog
	f.program = prologue()
	for _, in := range prog.Instructions {
		f.program = append(f.program, unix.SockFilter{Code: in.Op, Jt: in.Jt, Jf: in.Jf, K: in.K})
	}
	if len(f.program) > bpfMaxInsns {
		return nil, fmt.Errorf("compile policy: the filter has %d instructions, and %d are allowed", len(f.program), bpfMaxInsns)
	}
	return f, nil
}

// notifications reports whether the kernel has all that performing takes: 5.9 is
// the first in which a descriptor can be the answer (SECCOMP_IOCTL_NOTIF_ADDFD).
func notifications() bool { return release() >= 509 }

// release returns the kernel's version, 6.1 as 601.
func release() int {
	var u unix.Utsname
	if unix.Uname(&u) != nil {
		return 0
	}
	var major, minor int
	if _, err := fmt.Sscanf(unix.ByteSliceToString(u.Release[:]), "%d.%d", &major, &minor); err != nil {
		return 0
	}
	return major*100 + minor
}

// bpfMaxInsns is BPF_MAXINSNS (include/uapi/linux/bpf_common.h).
const bpfMaxInsns = 4096

// stops reports what the filter does about a call: whether it is for the tracer to
// judge.
func (f *filter) stops(ev *syscalls.Event) bool {
	if f.policy == nil || untraced(ev) || inputOf(ev) {
		return true
	}
	got, err := f.policy.Simulate(ev)
	return err != nil || got&unix.SECCOMP_RET_ACTION_FULL == unix.SECCOMP_RET_TRACE
}

// untraced reports whether a call would make a task that is not traced.
func untraced(ev *syscalls.Event) bool {
	return isCall(ev, "clone") && ev.Args[0]&unix.CLONE_UNTRACED != 0
}

// inputOf reports whether a call types at a terminal.
func inputOf(ev *syscalls.Event) bool {
	return isCall(ev, "ioctl") && injectsInput(ev.Args[1])
}

func isCall(ev *syscalls.Event, name string) bool {
	c := ev.ABI.Call(ev.Nr)
	return c != nil && c.Name == name
}

// Offsets in struct seccomp_data (include/uapi/linux/seccomp.h). All machines here
// have the low word first.
const (
	dataNr   = 0
	dataArch = 4
	dataArg0 = 16
	dataArg1 = 24
)

// prologue goes before the policy's filter. It stops what a policy is not asked
// about: clone with CLONE_UNTRACED and ioctls that type at the terminal.
func prologue() []unix.SockFilter {
	var out []unix.SockFilter
	for id := range syscalls.NumABI {
		abi := syscalls.ByID(id)
		if abi.Name == nativeName || sibling(abi) {
			out = append(out, prologueOf(abi)...)
		}
	}
	return out
}

func prologueOf(abi *syscalls.ABI) []unix.SockFilter {
	clone, _ := abi.Number("clone")
	ioctl, _ := abi.Number("ioctl")
	if abi.ID == syscalls.X32 {
		clone, ioctl = clone|syscalls.X32Bit, ioctl|syscalls.X32Bit
	}
	out := []unix.SockFilter{
		word(dataArch),
		jump(unix.BPF_JEQ, abi.Audit, 0, 9), // to the end
		word(dataNr),
		jump(unix.BPF_JEQ, uint32(clone), 0, 2),
		word(dataArg0),
		jump(unix.BPF_JSET, unix.CLONE_UNTRACED, 4, 5),
		jump(unix.BPF_JEQ, uint32(ioctl), 0, 4),
		word(dataArg1),
		jump(unix.BPF_JEQ, unix.TIOCSTI, 1, 0),
		jump(unix.BPF_JEQ, tiocLinux, 0, 1),
		ret(unix.SECCOMP_RET_TRACE),
	}
	return out
}

func word(off uint32) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: off}
}

func jump(op uint16, k uint32, yes, no uint8) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_JMP | op | unix.BPF_K, K: k, Jt: yes, Jf: no}
}

func ret(action uint32) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: action}
}

// sibling reports whether calls of an ABI can be made on this machine besides its
// own.
func sibling(abi *syscalls.ABI) bool {
	switch nativeName {
	case "amd64":
		return abi.ID == syscalls.I386 || abi.ID == syscalls.X32
	case "arm64":
		return abi.ID == syscalls.ARM
	}
	return false
}
