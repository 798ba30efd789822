package enforce

import (
	"slices"
	"strings"
	"sync"

	"strait/policy"
	"strait/syscalls"

	"golang.org/x/sys/unix"
)

// refusal is what denies when no rule says how.
var refusal = policy.Action{Kind: policy.Deny, Num: int(unix.EPERM)}

// hazards are calls that reach around what a policy says about names and
// processes. They are denied unless a rule names them, itself or by their effect
// or group; "*" and a default that allows do not.
var hazards = [...]struct{ call, why string }{
	{"ptrace", "it could change other processes"},
	{"process_vm_writev", "it could change other processes"},
	{"process_madvise", "it could change other processes"},
	{"pidfd_getfd", "it takes descriptors of other processes"},
	{"open_by_handle_at", "it opens files around their names"},
	{"mount", "it gives files other names"},
	{"move_mount", "it gives files other names"},
	{"open_tree", "it gives files other names"},
	{"open_tree_attr", "it gives files other names"},
	{"mount_setattr", "it changes what mounts allow"},
	{"fsmount", "it gives files other names"},
	{"pivot_root", "it gives files other names"},
	{"chroot", "it gives files other names"},
	{"setns", "it gives files other names"},
	{"fanotify_init", "it gives descriptors of what others open"},
	{"umount", "it uncovers what was mounted upon"},
	{"umount2", "it uncovers what was mounted upon"},
	{"fspick", "it changes what mounts allow"},
	// What the kernel does then nobody judges, nor whether it is the file that was.
	{"acct", "the kernel writes to the file"},
	{"swapon", "the kernel writes to the file"},
	{"init_module", "it gives code to the kernel"},
	{"finit_module", "it gives code to the kernel"},
	{"kexec_load", "it gives code to the kernel"},
	{"kexec_file_load", "it gives code to the kernel"},
	{"bpf", "it gives code to the kernel"},
	{"iopl", "it reaches devices around names"},
	{"ioperm", "it reaches devices around names"},
}

// hazardCalls are the names, for the filter: they must not pass unseen.
func hazardCalls() []string {
	var out []string
	for _, h := range hazards {
		out = append(out, h.call)
	}
	return out
}

// ownRestriction refuses what a program could not rely on: files are opened for it by
// the supervisor, which its own Landlock rules do not bind. Programs go on without,
// as on a kernel that has none.
func (e *Enforcer) ownRestriction(ev *syscalls.Event, v *policy.Verdict) {
	if e.filter == nil || !e.filter.notifies || !runs(v.Action.Kind) {
		return
	}
	switch {
	case isCall(ev, "landlock_create_ruleset"):
		v.Action, v.Rule, v.Next = policy.Action{Kind: policy.Deny, Num: int(unix.ENOSYS)}, nil, ""
		v.Why = "the supervisor opens files for the program, past such rules"
	case isCall(ev, "prctl") && uint32(ev.Args[0]) == unix.PR_SET_DUMPABLE && ev.Args[1] == 0 && !mayLook():
		v.Action, v.Rule, v.Next = refusal, nil, ""
		v.Why = "the supervisor could not read what its calls are about any more (PR_SET_DUMPABLE, without CAP_SYS_PTRACE)"
	}
}

// mayLook reports whether the supervisor may look at processes that let only privileged
// ones do so (ptrace(2), "Ptrace access mode checking").
var mayLook = sync.OnceValue(func() bool { return hasCapability(unix.CAP_SYS_PTRACE) })

// hazard turns a verdict that lets a hazardous call pass into a refusal, unless a
// rule has it by name.
func hazard(ev *syscalls.Event, pairs []policy.Pair, v *policy.Verdict) {
	if !runs(v.Action.Kind) || ev.Call == nil || v.Why == "always" {
		return
	}
	why := ""
	for i := range hazards {
		if hazards[i].call == ev.Call.Name && !named(v.Rule, ev.Call) {
			why = hazards[i].why
		}
	}
	if why == "" {
		why = hazardOf(ev, pairs, v.Rule)
	}
	if why == "" {
		return
	}
	v.Action, v.Rule, v.Next = refusal, nil, ""
	v.Why = "denied unless a rule names it: " + why
}

// These say who is sent a signal when something happens to a descriptor: any signal
// to any process, by F_SETSIG (fcntl(2), ioctl_sockios.h).
const (
	fioSetOwn  = 0x8901 // FIOSETOWN
	siocSetOwn = 0x8902 // SIOCSPGRP
)

// owned returns the process that a call has told of what happens to a descriptor,
// and whether it is such a call; known: it is in a register, and not in memory, which
// could become another.
func owned(ev *syscalls.Event) (pid int32, known, ok bool) {
	if isCall(ev, "ioctl") {
		op := uint32(ev.Args[1])
		return 0, false, op == fioSetOwn || op == siocSetOwn
	}
	if !isCall(ev, "fcntl") && !isCall(ev, "fcntl64") {
		return 0, false, false
	}
	cmd := uint32(ev.Args[1])
	return int32(ev.Args[2]), cmd == unix.F_SETOWN, cmd == unix.F_SETOWN || cmd == unix.F_SETOWN_EX
}

// also judges what a call does besides what its row says: a socket's name is made, a
// process is going to be sent signals.
func (j *judge) also(profile string, ev *syscalls.Event, pairs []policy.Pair, v *policy.Verdict) {
	if !runs(v.Action.Kind) || ev.Call == nil {
		return
	}
	if pid, known, ok := owned(ev); ok && pid != 0 {
		p := policy.Pair{Effect: "signal", Arg: -1, Dir: -1, PID: int(pid), Known: known}
		p.Self = known && int(pid) == ev.PID
		*v = severest(*v, j.aside(profile, "kill", p))
		return
	}
	if named32(ev, "flags")&unix.MSG_FASTOPEN != 0 && strings.HasPrefix(ev.Call.Name, "send") {
		j.opensFast(profile, pairs, v)
		return
	}
	if ev.Call.Name == "ioctl" && changesFile(ev.Arg(1)) {
		j.changes(profile, ev, v)
		return
	}
	if ev.Call.Name != "bind" {
		return
	}
	for i := range pairs {
		a := &pairs[i].Addr
		if a.Proto != "unix" || !strings.HasPrefix(a.Path, "/") {
			continue
		}
		p := policy.Pair{Effect: "fs.create", Path: a.Path, Known: pairs[i].Known, Arg: -1, Dir: -1}
		if made := j.aside(profile, "mknod", p); made.Rule != nil { // a default is net.bind's to change
			*v = severest(*v, made)
		}
	}
}

// These change the attributes of a file, or what may be done with it, by a descriptor
// that need not be open for writing (include/uapi/linux/fs.h, fscrypt.h, fsverity.h,
// msdos_fs.h).
var fileChanges = [...]uint32{
	0x40086602, 0x40046602, // FS_IOC_SETFLAGS, FS_IOC32_SETFLAGS
	0x401c5820,             // FS_IOC_FSSETXATTR
	0x40087602, 0x40047602, // FS_IOC_SETVERSION, FS_IOC32_SETVERSION
	0x40086604, 0x40046604, // EXT4_IOC_SETVERSION, EXT4_IOC32_SETVERSION
	0x800c6613, // FS_IOC_SET_ENCRYPTION_POLICY
	0x40806685, // FS_IOC_ENABLE_VERITY
	0x40047211, // FAT_IOCTL_SET_ATTRIBUTES
}

func changesFile(op uint64) bool { return slices.Contains(fileChanges[:], uint32(op)) }

// changes judges an ioctl that is an fs.meta. A rule with a condition means it; one
// that does not, as that of a group, does not stand for what the default denies.
func (j *judge) changes(profile string, ev *syscalls.Event, v *policy.Verdict) {
	at := j.res.descriptorPlace(int32(ev.Arg(0)))
	defer at.close()
	p := policy.Pair{Effect: "fs.meta", Path: at.path, Known: strings.HasPrefix(at.path, "/"), Arg: -1, Dir: -1}
	if made := j.aside(profile, "fchmod", p); made.Rule != nil || v.Rule == nil || v.Rule.Where == nil {
		*v = severest(*v, made)
	}
}

// nameChanges make and remove names in a directory of btrfs, by words in memory
// (include/uapi/linux/btrfs.h).
var nameChanges = [...]uint32{
	0x50009401, 0x50009417, // BTRFS_IOC_SNAP_CREATE, BTRFS_IOC_SNAP_CREATE_V2
	0x5000940e, 0x50009418, // BTRFS_IOC_SUBVOL_CREATE, BTRFS_IOC_SUBVOL_CREATE_V2
	0x5000940f, 0x5000943f, // BTRFS_IOC_SNAP_DESTROY, BTRFS_IOC_SNAP_DESTROY_V2
}

// Options of sockets that send elsewhere than to their address: by way of other hosts
// (ip(7), RFC 3542), or to addresses in memory (sctp(7)).
var detours = [...]struct{ level, option uint32 }{
	{unix.SOL_IP, unix.IP_OPTIONS},
	{unix.SOL_IPV6, unix.IPV6_RTHDR},
	{unix.SOL_IPV6, unix.IPV6_2292RTHDR},
	{unix.SOL_IPV6, unix.IPV6_2292PKTOPTIONS},
	{solSCTP, 107},
	{solSCTP, 110},
	{solSCTP, 111}, // SCTP_SOCKOPT_CONNECTX_OLD, SCTP_SOCKOPT_CONNECTX, SCTP_SOCKOPT_CONNECTX3
	{solSCTP, 100}, // SCTP_SOCKOPT_BINDX_ADD
}

// solSCTP is SOL_SCTP (include/linux/socket.h).
const solSCTP = 132

// detoured reports whether a call sets one of these.
func detoured(ev *syscalls.Event) bool {
	return isCall(ev, "setsockopt") && slices.ContainsFunc(detours[:], func(d struct{ level, option uint32 }) bool {
		return d.level == uint32(ev.Args[1]) && d.option == uint32(ev.Args[2])
	})
}

func detourOptions() []uint32 {
	var out []uint32
	for _, d := range detours {
		out = append(out, d.option)
	}
	return out
}

// opensFast judges what connects by sending (TCP Fast Open, tcp(7)).
func (j *judge) opensFast(profile string, pairs []policy.Pair, v *policy.Verdict) {
	for i := range pairs {
		if p := pairs[i]; p.Effect == "net.send" && p.Addr.Proto != "udp" {
			p.Effect = "net.connect"
			*v = severest(*v, j.aside(profile, "connect", p))
		}
	}
}

// hazardOf finds hazards that lie in arguments; a rule has them by name when that
// is in its condition or its path.
func hazardOf(ev *syscalls.Event, pairs []policy.Pair, r *policy.Rule) string {
	if ev.Call.Name == "ioctl" && injectsInput(ev.Arg(1)) {
		if r == nil || r.Where == nil || !strings.Contains(r.Where.String(), "TIOC") {
			return "it types at the terminal"
		}
	}
	if _, known, ok := owned(ev); ok && !known && (r == nil || r.Where == nil) {
		return "it has signals sent to processes"
	}
	if makesDevice(ev) && (r == nil || r.Where == nil) {
		return "a device reaches around names"
	}
	if isCall(ev, "ioctl") && slices.Contains(nameChanges[:], uint32(ev.Args[1])) && (r == nil || r.Where == nil) {
		return "it makes and removes names by words that can change"
	}
	if detoured(ev) && (r == nil || r.Where == nil) {
		return "it sends elsewhere than to the address"
	}
	for i := range pairs {
		p := &pairs[i]
		if why := reachesAround(p); why != "" && !hasObject(r, "/proc/", "/sys/", "/dev/") {
			return why
		}
		if p.Effect != "fs.write" && p.Effect != "fs.create" || !otherMemory(p.Path) {
			continue
		}
		if r == nil || !slices.ContainsFunc(r.Objects, func(o policy.Object) bool { return strings.HasSuffix(o.Path, "/mem") }) {
			return "it could change other processes"
		}
	}
	return ""
}

// reachesAround says what is wrong with the files by which the kernel gives away all
// memory, or is told which program to execute.
func reachesAround(p *policy.Pair) string {
	switch {
	case p.Effect == "fs.read" || p.Effect == "fs.write":
		switch p.Path {
		case "/dev/mem", "/dev/kmem", "/dev/port", "/proc/kcore":
			return "it is all memory"
		}
	}
	if p.Effect != "fs.write" && p.Effect != "fs.create" {
		return ""
	}
	switch p.Path {
	case "/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/proc/sys/kernel/hotplug", "/proc/sys/kernel/poweroff_cmd",
		"/sys/kernel/uevent_helper":
		return "the kernel executes what it says"
	}
	if strings.HasPrefix(p.Path, "/proc/sys/fs/binfmt_misc/") || strings.HasPrefix(p.Path, "/sys/fs/cgroup/") && strings.HasSuffix(p.Path, "/release_agent") {
		return "the kernel executes what it says"
	}
	return ""
}

// hasObject reports whether a rule names something below one of some directories.
func hasObject(r *policy.Rule, below ...string) bool {
	return r != nil && slices.ContainsFunc(r.Objects, func(o policy.Object) bool {
		return slices.ContainsFunc(below, func(dir string) bool { return strings.HasPrefix(o.Path, dir) })
	})
}

// rawDevice refuses to open what has the files of all names: a disk, or memory,
// unless a rule names it.
func (w *worker) rawDevice(v *policy.Verdict) {
	if !runs(v.Action.Kind) || !isOpening(w.ev.Call.Name) || hasObject(v.Rule, "/dev/") {
		return
	}
	for i := range w.places {
		p := &w.places[i]
		if p.fd < 0 || !isRaw(p.stat.Mode, p.stat.Rdev) {
			continue
		}
		v.Action, v.Rule, v.Next = refusal, nil, ""
		v.Why = "denied unless a rule names it: a device reaches around names"
	}
}

// isRaw reports whether a device is a disk, the machine's memory or ports, or a way to
// give commands to a disk (Documentation/admin-guide/devices.txt).
func isRaw(mode uint32, dev uint64) bool {
	const memory, scsi = 1, 21
	major, minor := unix.Major(dev), unix.Minor(dev)
	switch mode & unix.S_IFMT {
	case unix.S_IFBLK:
		return true
	case unix.S_IFCHR:
		return major == memory && (minor == 1 || minor == 2 || minor == 4) || major == scsi
	}
	return false
}

// makesDevice reports whether a call gives a device a name. 0:0 is none: an overlay's
// mark of something removed.
func makesDevice(ev *syscalls.Event) bool {
	if !isCall(ev, "mknod") && !isCall(ev, "mknodat") {
		return false
	}
	kind := named32(ev, "mode") & unix.S_IFMT
	return (kind == unix.S_IFCHR || kind == unix.S_IFBLK) && named32(ev, "dev") != 0
}

// injectsInput reports whether an ioctl puts words into the input of a terminal
// (ioctl_tty(2), ioctl_console(2)).
func injectsInput(op uint64) bool { return uint32(op) == unix.TIOCSTI || uint32(op) == tiocLinux }

// tiocLinux is TIOCLINUX (include/uapi/asm-generic/ioctls.h).
const tiocLinux = 0x541c

// otherMemory reports whether a path is the memory of another process than the
// caller, who is called self.
func otherMemory(path string) bool {
	rest, ok := strings.CutPrefix(path, "/proc/")
	if !ok || strings.HasPrefix(rest, "self/") {
		return false
	}
	return strings.HasSuffix(rest, "/mem") && rest[0] >= '0' && rest[0] <= '9'
}

// named reports whether a rule is about a call in more than a general way.
func named(r *policy.Rule, call *syscalls.Call) bool {
	if r == nil {
		return false
	}
	return slices.ContainsFunc(r.Targets, func(t policy.Target) bool {
		switch t.Kind {
		case policy.TargetCall:
			return t.Name == call.Name
		case policy.TargetEffect:
			return t.Name == "fs.mount" || t.Name == "fs.root" || strings.HasPrefix(t.Name, "process.") && t.Name != "process.create"
		case policy.TargetGroup:
			calls := policy.GroupCalls(t.Name)
			return calls == nil || slices.Contains(calls, call.Name)
		}
		return false
	})
}
