package enforce

import (
	"fmt"
	"strings"
	"unsafe"

	"strait/internal/ownthread"

	"golang.org/x/sys/unix"
)

// performBind binds the thread's socket to the address that was judged.
func performBind(w *worker) {
	c := &w.net
	m := &c.msgs[0]
	words := c.path(m)
	switch {
	case words != "":
		w.result(w.bindPath(m, words))
	case c.domain == unix.AF_NETLINK && len(m.name) >= 8 && *(*uint32)(unsafe.Pointer(&m.name[4])) == 0:
		w.netlinkName()
		w.result(w.bindNetlink(m.name))
	default:
		w.result(rawBind(c.fd, m.name))
	}
}

// bindNetlink joins the groups that an address has besides the name that the socket
// has already.
func (w *worker) bindNetlink(name []byte) error {
	sa, err := unix.Getsockname(w.net.fd)
	if at, ok := sa.(*unix.SockaddrNetlink); err == nil && ok {
		*(*uint32)(unsafe.Pointer(&name[4])) = at.Pid
	}
	return rawBind(w.net.fd, name)
}

// bindPath makes a socket's file. Its address is the words themselves, which others
// see (getsockname(2)), so they have to be walked by the kernel: from the thread's
// root and working directory, and, as somebody could change a directory on the way,
// by a thread that Landlock holds to making it in the directory that was judged.
func (w *worker) bindPath(m *message, words string) error {
	if m.at.dir < 0 {
		if m.at.err == 0 || m.at.fd >= 0 {
			return unix.EADDRINUSE
		}
		return m.at.err
	}
	cwd := -1
	if words[0] != '/' {
		var err error
		if cwd, err = w.res.base(unix.AT_FDCWD); err != nil {
			return err
		}
	}
	b := binding{
		sock: w.net.fd, name: m.name, cwd: cwd, root: -1, umask: w.mask.umask,
		as: w.mask.worn, own: w.mask.own, dir: m.at.dir, guard: strings.Contains(words, "/"),
	}
	if !w.res.plain {
		b.root = w.res.rootFD
	}
	done := make(chan error)
	ownthread.Go(func() { done <- b.do() })
	err := <-done
	if err == nil {
		err = w.verifyBound(m)
	}
	return err
}

// verifyBound ends the program if the socket's file is not where it was allowed.
// It cannot come to that where there is Landlock.
func (w *worker) verifyBound(m *message) error {
	if landlockVersion() > 0 {
		return nil
	}
	var st unix.Stat_t
	err := unix.Fstatat(m.at.dir, m.at.name, &st, unix.AT_SYMLINK_NOFOLLOW)
	if err == nil && st.Mode&unix.S_IFMT == unix.S_IFSOCK {
		return nil
	}
	_ = unix.Kill(w.t.pid, unix.SIGKILL)
	return unix.EACCES
}

// A binding is one bind to a path, on a thread of its own: what it does to that is
// not to be undone, so the thread ends with it.
type binding struct {
	sock      int
	name      []byte
	root, cwd int // where to start; -1: as it is
	dir       int // where the file is to be made
	guard     bool
	umask     int
	as, own   *identity
}

func (b *binding) do() error {
	if err := unix.Unshare(unix.CLONE_FS); err != nil {
		return fmt.Errorf("unshare(CLONE_FS): %w", err)
	}
	if b.root >= 0 {
		if err := unix.Fchdir(b.root); err != nil {
			return err
		}
		if err := unix.Chroot("."); err != nil { // who may not: the program cannot either
			return unix.EACCES
		}
	}
	if b.cwd >= 0 {
		if err := unix.Fchdir(b.cwd); err != nil {
			return err
		}
	}
	m := mask{own: b.own, worn: b.own, umask: -1}
	if err := m.wear(b.as); err != nil {
		return err
	}
	unix.Umask(b.umask)
	if b.guard {
		if err := onlySocketsIn(b.dir); err != nil {
			return err
		}
	}
	return rawBind(b.sock, b.name)
}

// onlySocketsIn has the calling thread make sockets' files in one directory only,
// for ever.
func onlySocketsIn(dir int) error {
	if landlockVersion() < 1 {
		return nil // see verifyBound
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("prctl(PR_SET_NO_NEW_PRIVS): %w", err)
	}
	handled := uint64(unix.LANDLOCK_ACCESS_FS_MAKE_SOCK) // all of struct landlock_ruleset_attr that the first version has
	set, _, e := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&handled)), unsafe.Sizeof(handled), 0)
	if e != 0 {
		return fmt.Errorf("landlock_create_ruleset: %w", e)
	}
	defer unix.Close(int(set))
	rule := unix.LandlockPathBeneathAttr{Allowed_access: unix.LANDLOCK_ACCESS_FS_MAKE_SOCK, Parent_fd: int32(dir)}
	if _, _, e := unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, set, unix.LANDLOCK_RULE_PATH_BENEATH, uintptr(unsafe.Pointer(&rule)), 0, 0, 0); e != 0 {
		return fmt.Errorf("landlock_add_rule: %w", e)
	}
	if _, _, e := unix.Syscall(unix.SYS_LANDLOCK_RESTRICT_SELF, set, 0, 0); e != 0 {
		return fmt.Errorf("landlock_restrict_self: %w", e)
	}
	return nil
}
