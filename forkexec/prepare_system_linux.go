package forkexec

import (
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const allNamespaces = unix.CLONE_NEWUSER | unix.CLONE_NEWNS | unix.CLONE_NEWPID | unix.CLONE_NEWNET |
	unix.CLONE_NEWIPC | unix.CLONE_NEWUTS | unix.CLONE_NEWCGROUP | unix.CLONE_NEWTIME

func checkNamespaces(c *Cmd) error {
	has := func(flag uintptr) bool { return c.Namespaces&flag != 0 }
	switch {
	case c.Namespaces&^allNamespaces != 0:
		return badf("Namespaces", -1, "%#x is no flag of a namespace", c.Namespaces&^allNamespaces)
	case len(c.UIDMap) > 0 && !has(unix.CLONE_NEWUSER):
		return bad("UIDMap", -1, errors.New("needs CLONE_NEWUSER in Namespaces"))
	case len(c.GIDMap) > 0 && !has(unix.CLONE_NEWUSER):
		return bad("GIDMap", -1, errors.New("needs CLONE_NEWUSER in Namespaces"))
	case c.AllowSetgroups && !has(unix.CLONE_NEWUSER):
		return bad("AllowSetgroups", -1, errors.New("needs CLONE_NEWUSER in Namespaces"))
	case c.TimeOffsets != TimeOffsets{} && !has(unix.CLONE_NEWTIME):
		return bad("TimeOffsets", -1, errors.New("needs CLONE_NEWTIME in Namespaces"))
	case c.Init && !has(unix.CLONE_NEWPID):
		return bad("Init", -1, errors.New("needs CLONE_NEWPID in Namespaces"))
	case c.Hostname != "" && !has(unix.CLONE_NEWUTS):
		return bad("Hostname", -1, errors.New("needs CLONE_NEWUTS in Namespaces"))
	case c.Domainname != "" && !has(unix.CLONE_NEWUTS):
		return bad("Domainname", -1, errors.New("needs CLONE_NEWUTS in Namespaces"))
	case len(c.Hostname) > 64:
		return badf("Hostname", -1, "%d bytes, more than 64", len(c.Hostname))
	case len(c.Domainname) > 64:
		return badf("Domainname", -1, "%d bytes, more than 64", len(c.Domainname))
	}
	if err := checkIDMap("UIDMap", c.UIDMap); err != nil {
		return err
	}
	return checkIDMap("GIDMap", c.GIDMap)
}

func checkIDMap(field string, maps []IDMap) error {
	const most = 340 // UID_GID_MAP_MAX_EXTENTS, linux/user_namespace.h
	if len(maps) > most {
		return badf(field, -1, "%d ranges, more than %d", len(maps), most)
	}
	for i, m := range maps {
		if m.Count == 0 {
			return bad(field, i, errors.New("a Count of 0"))
		}
		if uint64(m.Inside)+uint64(m.Count) > math.MaxUint32 || uint64(m.Outside)+uint64(m.Count) > math.MaxUint32 {
			return bad(field, i, errors.New("beyond the last id"))
		}
		for _, o := range maps[:i] {
			if overlap(m.Inside, o.Inside, m.Count, o.Count) || overlap(m.Outside, o.Outside, m.Count, o.Count) {
				return bad(field, i, errors.New("overlaps an earlier one"))
			}
		}
	}
	return nil
}

func overlap(a, b, na, nb uint32) bool {
	return uint64(a) < uint64(b)+uint64(nb) && uint64(b) < uint64(a)+uint64(na)
}

func checkSystem(c *Cmd) error {
	inside := func(v *int, lo, hi int) bool { return v == nil || *v >= lo && *v <= hi }
	switch {
	case !inside(c.Umask, 0, 0o777):
		return badf("Umask", -1, "%#o is no mask of modes", *c.Umask)
	case !inside(c.Nice, -20, 19):
		return badf("Nice", -1, "%d is not in -20 to 19", *c.Nice)
	case !inside(c.IOPriority, 0, 4<<13-1):
		return badf("IOPriority", -1, "%d is no priority", *c.IOPriority)
	case !inside(c.OOMScoreAdj, -1000, 1000):
		return badf("OOMScoreAdj", -1, "%d is not in -1000 to 1000", *c.OOMScoreAdj)
	case c.Caps != nil && c.Caps.Ambient&^c.Caps.Keep != 0:
		return bad("Caps", -1, errors.New("an ambient capability is not kept"))
	case c.Caps != nil && c.Caps.Ambient != 0 && c.Securebits&secbitNoCapAmbientRaise != 0:
		return bad("Caps", -1, errors.New("an ambient capability conflicts with SECBIT_NO_CAP_AMBIENT_RAISE in Securebits"))
	case c.SeccompListener && len(c.Seccomp) == 0:
		return bad("SeccompListener", -1, errors.New("needs Seccomp"))
	}
	for i, r := range c.Rlimits {
		switch {
		case r.Resource < 0 || r.Resource >= resources:
			return badf("Rlimits", i, "%d is no resource", r.Resource)
		case r.Soft > r.Max:
			return badf("Rlimits", i, "soft limit %d above the hard one, %d", r.Soft, r.Max)
		}
	}
	if err := checkLandlock(c.Landlock); err != nil {
		return err
	}
	return checkStreams(c)
}

// checkLandlock finds what the kernel would call EINVAL or ENOMSG.
func checkLandlock(l *Landlock) error {
	if l == nil {
		return nil
	}
	rule := func(field string, i int, access, handled uint64) error {
		switch {
		case access == 0:
			return bad(field, i, errors.New("allows nothing"))
		case access&^handled != 0:
			return badf(field, i, "access %#x is not handled", access&^handled)
		}
		return nil
	}
	for i, p := range l.Paths {
		if strings.IndexByte(p.Path, 0) >= 0 {
			return bad("Landlock.Paths", i, errNUL)
		}
		if err := rule("Landlock.Paths", i, p.Access, l.HandledFS); err != nil {
			return err
		}
	}
	for i, p := range l.Ports {
		if err := rule("Landlock.Ports", i, p.Access, l.HandledNet); err != nil {
			return err
		}
	}
	return nil
}

// streamNames are the fields that are descriptors 0, 1 and 2.
var streamNames = [...]string{"Stdin", "Stdout", "Stderr"}

// stream is the reader or writer of descriptor 0, 1 or 2, nil: none.
func (c *Cmd) stream(i int) any {
	return [...]any{c.Stdin, c.Stdout, c.Stderr}[i]
}

func checkStreams(c *Cmd) error {
	for i := range streamNames {
		if c.stream(i) != nil && i < len(c.Files) && c.Files[i] != FileClosed && c.Files[i] != FileKept && c.Files[i] != i {
			return badf("Files", i, "is set, and so is %s", streamNames[i])
		}
		if f, ok := c.stream(i).(*os.File); ok && int(f.Fd()) < 0 {
			return bad(streamNames[i], -1, os.ErrClosed)
		}
	}
	l := c.Limits
	switch {
	case l.Output > 0 && c.Stdout == nil && c.Stderr == nil:
		return bad("Limits.Output", -1, errors.New("needs Stdout or Stderr"))
	case l.CPUs > 0 && c.Cgroup == "":
		return bad("Limits.CPUs", -1, errors.New("needs Cgroup"))
	case l.CPUs < 0 || l.CPUs > math.MaxInt32 || math.IsNaN(l.CPUs):
		return badf("Limits.CPUs", -1, "%v is no number of processors", l.CPUs)
	case l.Wall < 0 || l.CPU < 0:
		return bad("Limits", -1, errors.New("a negative time"))
	}
	return nil
}

// Bits of linux/securebits.h.
const (
	secbitKeepCaps          = 1 << 4
	secbitNoCapAmbientRaise = 1 << 6
)

// resources is RLIM_NLIMITS, asm-generic/resource.h.
const resources = 16

// prepareSystem converts the plain values.
func prepareSystem(cfg *childConfig, c *Cmd) error {
	cfg.newTime = c.Namespaces&unix.CLONE_NEWTIME != 0
	cfg.newNet = c.Namespaces&unix.CLONE_NEWNET != 0
	copy(cfg.loopback.name[:], "lo")
	cfg.hostname, cfg.domainname = []byte(c.Hostname), []byte(c.Domainname)
	cfg.umask, cfg.ioPriority = optional(c.Umask), optional(c.IOPriority)
	if c.Nice != nil {
		cfg.setNice, cfg.nice = true, *c.Nice
	}
	if err := preparePersonality(cfg, c); err != nil {
		return err
	}
	paths := []struct {
		to   **byte
		path string
	}{
		{&cfg.oomPath, "/proc/self/oom_score_adj"},
		{&cfg.timePath, "/proc/self/timens_offsets"},
		{&cfg.timeNS, "/proc/self/ns/time_for_children"},
	}
	for _, p := range paths {
		var err error
		if *p.to, err = unix.BytePtrFromString(p.path); err != nil {
			return prepareError(p.path, err)
		}
	}
	if c.OOMScoreAdj != nil {
		cfg.oomScore = []byte(strconv.Itoa(*c.OOMScoreAdj))
	}
	if o := c.TimeOffsets; o != (TimeOffsets{}) {
		cfg.timeOffsets = []byte(timeOffset("monotonic", o.Monotonic) + timeOffset("boottime", o.Boottime))
	}
	cfg.securebits = uintptr(c.Securebits)
	cfg.capHeader.Version = unix.LINUX_CAPABILITY_VERSION_3
	if c.Caps != nil {
		cfg.setCaps, cfg.capKeep, cfg.capAmbient = true, c.Caps.Keep, c.Caps.Ambient
		if cfg.securebits != 0 && c.Credential != nil {
			cfg.securebits |= secbitKeepCaps // until execve; see dropBounding
		}
	}
	cfg.dumpable = (c.Ptrace != PtraceNone || c.SeccompListener) && !Capable(unix.CAP_SYS_PTRACE)
	return prepareLandlock(cfg, c.Landlock)
}

// preparePersonality reads the present one where only a bit is to be added.
func preparePersonality(cfg *childConfig, c *Cmd) error {
	const query, noRandom = 0xffffffff, 0x0040000 // personality(2)
	if c.Personality == nil && !c.NoASLR {
		return nil
	}
	cfg.setPersonality = true
	if c.Personality != nil {
		cfg.personality = *c.Personality
	} else {
		now, _, errno := unix.RawSyscall(unix.SYS_PERSONALITY, query, 0, 0)
		if errno != 0 {
			return prepareError("personality", errno)
		}
		cfg.personality = uint32(now)
	}
	if c.NoASLR {
		cfg.personality |= noRandom
	}
	return nil
}

// timeOffset is a line of /proc/PID/timens_offsets, time_namespaces(7): the
// nanoseconds are never negative.
func timeOffset(clock string, d time.Duration) string {
	sec := d / time.Second
	if d < 0 && d%time.Second != 0 {
		sec--
	}
	return fmt.Sprintf("%s %d %d\n", clock, sec, d-sec*time.Second)
}

// prepareLandlock asks the kernel what it knows.
func prepareLandlock(cfg *childConfig, l *Landlock) error {
	if l == nil {
		return nil
	}
	abi, _, errno := unix.RawSyscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if errno != 0 {
		if l.BestEffort {
			return nil
		}
		return &Error{Kind: KindConfiguration, Step: StepLandlock, Index: -1, Err: errno}
	}
	known := [3]uint64{^uint64(0), ^uint64(0), ^uint64(0)}
	if l.BestEffort {
		known = landlockKnown(int(abi))
	}
	out := &childLandlock{handled: [3]uint64{l.HandledFS & known[0], l.HandledNet & known[1], l.Scoped & known[2]}}
	if out.handled == [3]uint64{} {
		if l.BestEffort {
			return nil
		}
		return bad("Landlock", -1, errors.New("handles nothing"))
	}
	for i, p := range l.Paths {
		name, err := unix.BytePtrFromString(p.Path)
		if err != nil {
			return bad("Landlock.Paths", i, err)
		}
		if access := p.Access & known[0]; access != 0 || !l.BestEffort {
			out.paths = append(out.paths, landlockPath{access: access, index: int32(i), path: name})
		}
	}
	for i, p := range l.Ports {
		if access := p.Access & known[1]; access != 0 || !l.BestEffort {
			out.ports = append(out.ports, landlockPort{access, uint64(p.Port), int32(len(l.Paths) + i)})
		}
	}
	cfg.landlock = out
	return nil
}

// landlockKnown has the rights that each version of the interface knows:
// landlock(7), "VERSIONS".
func landlockKnown(abi int) (known [3]uint64) {
	fs := []uint64{1: 1<<13 - 1, 2: 1<<14 - 1, 3: 1<<15 - 1, 4: 1<<15 - 1, 5: 1<<16 - 1}
	known[0] = fs[min(abi, len(fs)-1)]
	if abi >= 4 {
		known[1] = 1<<2 - 1
	}
	if abi >= 6 {
		known[2] = 1<<2 - 1
	}
	return known
}

// Capable says whether the caller has a capability in its user namespace.
func Capable(n int) bool {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&header, &data[0]); err != nil {
		return false
	}
	return data[n/32].Effective>>(n%32)&1 != 0
}

// prepareRlimits puts the limits together: what the caller was started with,
// then what Limits mean, then what is asked for by name.
func prepareRlimits(cfg *childConfig, c *Cmd, now unix.Rlimit) {
	add := func(index, resource int, soft, hard uint64) {
		step := StepRlimit
		switch {
		case resource != unix.RLIMIT_NOFILE || hard > now.Max:
		case cfg.listener:
			step = stepListener
		default:
			step = StepOpenFiles
		}
		cfg.rlimits = append(cfg.rlimits, childRlimit{index, resource, unix.Rlimit{Cur: soft, Max: hard}, step})
	}
	if r := originalNofile(now); r != nil {
		add(-1, unix.RLIMIT_NOFILE, r.Cur, r.Max)
	}
	l := c.Limits
	if l.Procs > 0 && c.Init {
		l.Procs++ // ours is a process of that user too
	}
	if l.CPU > 0 {
		seconds := uint64((l.CPU + time.Second - 1) / time.Second)
		add(-1, unix.RLIMIT_CPU, seconds, seconds+1)
	}
	for _, x := range []struct {
		resource int
		value    uint64
		cgroup   bool
	}{
		{unix.RLIMIT_AS, l.Memory, true},
		{unix.RLIMIT_NPROC, l.Procs, true},
		{unix.RLIMIT_FSIZE, l.FileSize, false},
		{unix.RLIMIT_NOFILE, l.OpenFiles, false},
	} {
		if x.value > 0 && (!x.cgroup || c.Cgroup == "") {
			add(-1, x.resource, x.value, x.value)
		}
	}
	for i, r := range c.Rlimits {
		add(i, r.Resource, r.Soft, r.Max)
	}
}

// prepareClone chooses the system call and its flags. into is the descriptor of
// a cgroup to start in, -1: none; that takes clone3 (Linux 5.7).
func prepareClone(cfg *childConfig, c *Cmd, namespaces uintptr, into int) {
	flags := namespaces &^ unix.CLONE_NEWTIME
	if cfg.init {
		flags &^= unix.CLONE_NEWPID
	}
	if cfg.vfork {
		flags |= unix.CLONE_VFORK | unix.CLONE_VM
	}
	cfg.pidfd = -1
	if wantPIDFD(c) && !cfg.init {
		flags |= unix.CLONE_PIDFD
	}
	pidfd := uintptr(unsafe.Pointer(&cfg.pidfd))
	if into < 0 {
		cfg.cloneCall = unix.SYS_CLONE
		cfg.cloneArg1, cfg.cloneArg2, cfg.cloneArg3 = flags|uintptr(unix.SIGCHLD), 0, pidfd
		return
	}
	cfg.clone3 = cloneArgs{
		flags: uint64(flags) | unix.CLONE_INTO_CGROUP, pidFD: uint64(pidfd),
		exitSignal: uint64(unix.SIGCHLD), cgroup: uint64(into),
	}
	cfg.cloneCall = unix.SYS_CLONE3
	cfg.cloneArg1, cfg.cloneArg2, cfg.cloneArg3 = uintptr(unsafe.Pointer(&cfg.clone3)), unsafe.Sizeof(cfg.clone3), 0
}

func wantPIDFD(c *Cmd) bool {
	return c.PIDFD || c.Ptrace != PtraceNone && c.Limits != (Limits{})
}

// contain gives c what makes everything that the child starts end with it.
func contain(c *Cmd) *Cmd {
	if !c.Contain || c.Cgroup != "" || c.Namespaces&unix.CLONE_NEWPID != 0 {
		return c
	}
	own := *c
	own.Namespaces |= unix.CLONE_NEWPID
	own.Init = true
	if own.Namespaces&unix.CLONE_NEWUSER == 0 && !Capable(unix.CAP_SYS_ADMIN) {
		own.Namespaces |= unix.CLONE_NEWUSER
		uid, gid := uint32(unix.Geteuid()), uint32(unix.Getegid())
		own.UIDMap = []IDMap{{uid, uid, 1}}
		own.GIDMap = []IDMap{{gid, gid, 1}}
	}
	own.Mounts = slices.Clone(c.Mounts)
	return &own
}
