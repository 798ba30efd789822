package forkexec

import (
	"os"
	"slices"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	maxFilter = 4096 // BPF_MAXINSNS, linux/bpf_common.h
	maxSignal = 64
	// unstoppable has the signals that are as they are, as IgnoredSignals has
	// them.
	unstoppable = 1<<(unix.SIGKILL-1) | 1<<(unix.SIGSTOP-1)
)

// prepare converts a Cmd to what the child needs, all of it copied: a vforked
// child shares this memory, and the caller may go on to change its Cmd.
func prepare(c *Cmd, files []int) (*childConfig, error) {
	cfg := &childConfig{
		sock: -1, parentSock: -1, pidfd: -1,
		execFD:      c.ExecFD,
		files:       slices.Clone(files),
		nfiles:      len(files),
		closing:     c.CloseFiles,
		setsid:      c.Setsid,
		setpgid:     c.Setpgid,
		pgid:        c.Pgid,
		ctty:        optional(c.Ctty),
		foreground:  optional(c.Foreground),
		noNewPrivs:  c.NoNewPrivs,
		parentDeath: uintptr(c.ParentDeath),
		sync:        c.Sync != nil,
		ptrace:      c.Ptrace,
	}
	if files == nil {
		cfg.nfiles = 3
	}
	if err := prepareProgram(cfg, c); err != nil {
		return nil, err
	}
	prepareCredential(cfg, c.Credential)
	prepareSeccomp(cfg, c)
	if err := prepareMounts(cfg, c); err != nil {
		return nil, err
	}
	if err := prepareSystem(cfg, c); err != nil {
		return nil, err
	}
	cfg.init, cfg.initPipe = c.Init, -1
	cfg.ignore[0] = 1 // SIG_IGN
	cfg.ignored = c.IgnoredSignals
	cfg.waitParent = c.Namespaces&unix.CLONE_NEWUSER != 0
	cfg.vfork = haveVfork && !needsFork(c)
	if err := prepareFiles(cfg, c); err != nil {
		return nil, err
	}
	return cfg, prepareProcess(cfg, c)
}

// prepareFiles says which descriptors the child keeps that execve would close,
// and which it drops before that.
func prepareFiles(cfg *childConfig, c *Cmd) error {
	if c.ExecFD > 0 {
		// The kernel has the interpreter open /dev/fd/N (execveat(2)).
		var magic [2]byte
		n, _ := unix.Pread(c.ExecFD, magic[:], 0)
		cfg.execKept = n == 2 && string(magic[:]) == "#!"
	}
	// A program that is named by a descriptor of its own would be lost.
	named := strings.Contains("/"+c.Search+"/"+c.Path, "/fd/")
	if waits := c.Sync != nil || c.Ptrace != PtraceNone || c.SeccompListener; !waits || named {
		return nil
	}
	var err error
	if cfg.selfFD, err = unix.BytePtrFromString("/proc/self/fd"); err != nil {
		return prepareError("/proc/self/fd", err)
	}
	cfg.dirents = new([1024]byte)
	return nil
}

// needsFork says whether the child needs memory of its own: because it waits for
// the parent, which a vfork holds up, or because changing credentials would make
// the shared memory undumpable (commit_creds in kernel/cred.c), the parent's too,
// or because the kernel asks for a process with memory of its own (setns(2)), or
// because of what the filter does to it.
func needsFork(c *Cmd) bool {
	const namespaces = unix.CLONE_NEWUSER | unix.CLONE_NEWTIME
	return c.Ptrace != PtraceNone || c.Sync != nil || c.Credential != nil || c.Foreground != nil ||
		c.Namespaces&namespaces != 0 || c.SeccompListener || c.Init || c.OOMScoreAdj != nil ||
		len(c.Seccomp) > 0 && !letsGo(c.Seccomp)
}

func optional(fd *int) int {
	if fd == nil {
		return -1
	}
	return *fd
}

func prepareProgram(cfg *childConfig, c *Cmd) error {
	args, env := c.Args, c.Env
	if len(args) == 0 {
		args = []string{c.Path}
	}
	if env == nil {
		env = os.Environ()
	}
	var err error
	if cfg.paths, err = candidates(c); err != nil {
		return bad("Path", -1, err)
	}
	if cfg.argv, err = syscall.SlicePtrFromStrings(args); err != nil {
		return bad("Args", -1, err)
	}
	if cfg.envv, err = syscall.SlicePtrFromStrings(env); err != nil {
		return bad("Env", -1, err)
	}
	if c.Dir != "" {
		if cfg.dir, err = unix.BytePtrFromString(c.Dir); err != nil {
			return bad("Dir", -1, err)
		}
	}
	return nil
}

// candidates are the names under which the child looks for its program.
func candidates(c *Cmd) ([]*byte, error) {
	names := []string{c.Path}
	if c.Search != "" && c.Path != "" && !strings.Contains(c.Path, "/") {
		names = names[:0]
		for dir := range strings.SplitSeq(c.Search, ":") {
			if dir == "" {
				dir = "."
			}
			names = append(names, dir+"/"+c.Path)
		}
	}
	paths := make([]*byte, len(names))
	for i, name := range names {
		var err error
		if paths[i], err = unix.BytePtrFromString(name); err != nil {
			return nil, err
		}
	}
	return paths, nil
}

func prepareCredential(cfg *childConfig, cred *Credential) {
	if cred == nil {
		return
	}
	cfg.setCred = true
	cfg.setGroups = !cred.NoSetGroups
	cfg.uid, cfg.gid = cred.UID, cred.GID
	cfg.groups = slices.Clone(cred.Groups)
}

func prepareSeccomp(cfg *childConfig, c *Cmd) {
	if len(c.Seccomp) == 0 {
		return
	}
	filter := slices.Clone(c.Seccomp)
	cfg.seccomp = &unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	cfg.seccompFlags = uintptr(c.SeccompFlags)
	if c.SeccompListener {
		cfg.listener = true
		cfg.seccompFlags |= unix.SECCOMP_FILTER_FLAG_NEW_LISTENER
	}
}

// prepareProcess has what depends on this process's limits and signal mask.
func prepareProcess(cfg *childConfig, c *Cmd) error {
	var lim unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &lim); err != nil {
		return &Error{Kind: KindSystemCall, Step: StepPrepare, Index: -1, Subject: "getrlimit", Err: err}
	}
	prepareRlimits(cfg, c, lim)
	cfg.maxFD = int(min(lim.Cur, 1<<20))
	if err := unix.PthreadSigmask(unix.SIG_SETMASK, nil, &cfg.sigmask); err != nil {
		return &Error{Kind: KindSystemCall, Step: StepPrepare, Index: -1, Subject: "sigprocmask", Err: err}
	}
	for i := range cfg.blocked.Val {
		cfg.blocked.Val[i] = ^cfg.blocked.Val[i]
	}
	cfg.confirm = cfg.blocked
	bits := unsafe.Sizeof(cfg.confirm.Val[0]) * 8
	sig := uintptr(unix.SIGCONT) - 1
	cfg.confirm.Val[sig/bits] &^= 1 << (sig % bits)
	return nil
}
