package enforce

import (
	"fmt"
	"slices"

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
	"capset", "umask", "unshare", "setns", "landlock_create_ruleset",
	"bind", "creat", "openat2", "mknod", "mknodat", // see also, and traps: their words say whether
	"chdir", // see landing
}

// Followed returns the names of the calls that stop even where a policy allows them: the
// supervisor has to see them.
func Followed() []string { return append(hazardCalls(), followed[:]...) }

// compile makes the filter for what is started; notify: calls that can be
// performed are to come as notifications.
func (e *Enforcer) compile(notify bool) (*filter, error) {
	if e.opt.Permissive || e.opt.Observe != nil {
		return &filter{program: []unix.SockFilter{ret(unix.SECCOMP_RET_TRACE)}}, nil
	}
	f := &filter{notifies: notify}
	o := policy.CompileOptions{Profile: e.profile, Trace: Followed()}
	if !notify {
		o.Trace = append(o.Trace, windowCalls[:]...)
	} else {
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
	f.program = prologue(notify)
	trace := dumpsFiles()
	for _, in := range prog.Instructions {
		if trace && in.Op == unix.BPF_RET|unix.BPF_K && in.K == unix.SECCOMP_RET_KILL_PROCESS {
			in.K = unix.SECCOMP_RET_TRACE // killed by the tracer it dumps no core, see dumps
		}
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
	if f.policy == nil {
		return true
	}
	for i := range traps {
		if traps[i].hit(ev) && (!traps[i].check || !f.notifies) {
			return !traps[i].notify || !f.notifies
		}
	}
	got, err := f.policy.Simulate(ev)
	return err != nil || got&unix.SECCOMP_RET_ACTION_FULL == unix.SECCOMP_RET_TRACE
}

// untraced reports whether a call would make a task that is not traced.
func untraced(ev *syscalls.Event) bool {
	return isCall(ev, "clone") && ev.Args[0]&unix.CLONE_UNTRACED != 0
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
	dataArgs = 16
)

// A trap is a call that must come here whatever the policy says about it, when an
// argument has certain bits or values: what it does then no rule is asked about.
type trap struct {
	call   string
	arg    int
	bits   bool // any of these bits; else the value
	values []uint32
	notify bool // it comes as a notification, where there are some
	check  bool // only where there are none: it is about a window, see scratch.go
}

var traps = [...]trap{
	{call: "clone", arg: 0, bits: true, values: []uint32{unix.CLONE_UNTRACED}},
	{call: "ioctl", arg: 1, values: slices.Concat([]uint32{unix.TIOCSTI, tiocLinux, fioSetOwn, siocSetOwn}, fileChanges[:], nameChanges[:])},
	{call: "setsockopt", arg: 2, values: detourOptions()},
	{call: "fcntl", arg: 1, values: []uint32{unix.F_SETOWN, unix.F_SETOWN_EX}},
	{call: "fcntl64", arg: 1, values: []uint32{unix.F_SETOWN, unix.F_SETOWN_EX}},
	// See landing.
	{call: "open", arg: 1, bits: true, values: []uint32{unix.O_PATH}},
	{call: "openat", arg: 2, bits: true, values: []uint32{unix.O_PATH}},
	// It may be the memory of another process that is opened.
	{call: "open", arg: 1, bits: true, values: []uint32{unix.O_WRONLY | unix.O_RDWR}, notify: true},
	{call: "openat", arg: 2, bits: true, values: []uint32{unix.O_WRONLY | unix.O_RDWR}, notify: true},
	{call: "sendto", arg: 3, bits: true, values: []uint32{unix.MSG_FASTOPEN}, notify: true},
	{call: "sendmsg", arg: 2, bits: true, values: []uint32{unix.MSG_FASTOPEN}, notify: true},
	{call: "sendmmsg", arg: 3, bits: true, values: []uint32{unix.MSG_FASTOPEN}, notify: true},
	{call: "memfd_create", arg: 1, values: []uint32{windowFlags}, check: true},
	{call: "mmap", arg: 3, bits: true, values: []uint32{unix.MAP_FIXED}, check: true},
	{call: "mmap2", arg: 3, bits: true, values: []uint32{unix.MAP_FIXED}, check: true},
}

// hit reports whether a call falls into the trap.
func (tr *trap) hit(ev *syscalls.Event) bool {
	if !isCall(ev, tr.call) {
		return false
	}
	have := uint32(ev.Args[tr.arg])
	return slices.ContainsFunc(tr.values, func(v uint32) bool {
		return tr.bits && have&v != 0 || !tr.bits && have == v
	})
}

// prologue goes before the policy's filter: the traps.
func prologue(notify bool) []unix.SockFilter {
	var out []unix.SockFilter
	for id := range syscalls.NumABI {
		abi := syscalls.ByID(id)
		if abi.Name == nativeName || sibling(abi) {
			out = append(out, prologueOf(abi, notify)...)
		}
	}
	return out
}

func prologueOf(abi *syscalls.ABI, notify bool) []unix.SockFilter {
	var body []unix.SockFilter
	for i := len(traps) - 1; i >= 0; i-- { // each needs to know how far the end is
		nr, ok := abi.Number(traps[i].call)
		if !ok || traps[i].check && notify {
			continue
		}
		if abi.ID == syscalls.X32 {
			nr |= syscalls.X32Bit
		}
		another := slices.ContainsFunc(traps[i+1:], func(t trap) bool { return t.call == traps[i].call && !(t.check && notify) })
		body = append(traps[i].instructions(uint32(nr), len(body), notify, another), body...)
	}
	head := []unix.SockFilter{word(dataArch), jump(unix.BPF_JEQ, abi.Audit, 0, uint8(len(body)+1)), word(dataNr)}
	return append(head, body...)
}

// instructions test for one trap; left is how many follow until the end, and another
// says that among them is one for the same call.
func (tr *trap) instructions(nr uint32, left int, notify, another bool) []unix.SockFilter {
	n := len(tr.values)
	size := n + 4
	if another {
		size++
	}
	out := []unix.SockFilter{
		jump(unix.BPF_JEQ, nr, 0, uint8(size-1)),
		word(uint32(dataArgs + 8*tr.arg)),
	}
	op := uint16(unix.BPF_JEQ)
	if tr.bits {
		op = unix.BPF_JSET
	}
	for i, v := range tr.values {
		out = append(out, jump(op, v, uint8(n-i), 0))
	}
	answer := uint32(unix.SECCOMP_RET_TRACE)
	if tr.notify && notify {
		answer = unix.SECCOMP_RET_USER_NOTIF
	}
	skip := uint32(left + 1)
	if another {
		skip = 1
	}
	out = append(out, unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JA, K: skip}, ret(answer))
	if another {
		out = append(out, word(dataNr))
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
