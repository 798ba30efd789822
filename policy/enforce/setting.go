package enforce

import (
	"fmt"
	"os"
	"strings"

	"strait/internal/ownthread"

	"golang.org/x/sys/unix"
)

// A namespaced is a directory of /proc in which everybody finds what is set in his own
// namespace.
type namespaced struct {
	dir, link string
	namespace int // CLONE_NEW*
}

var settings = [...]namespaced{
	{"/sys/net/", "ns/net", unix.CLONE_NEWNET},
	{"/sys/kernel/", "ns/ipc", unix.CLONE_NEWIPC},
	{"/sys/fs/mqueue/", "ns/ipc", unix.CLONE_NEWIPC},
	{"/sysvipc/", "ns/ipc", unix.CLONE_NEWIPC},
}

// ofNamespace returns where a file of /proc is that is about a namespace of the thread
// which is not the supervisor's; else nil.
func (w *worker) ofNamespace(p *place) *namespaced {
	_, rest, ok := strings.Cut(p.path, "/proc/")
	if !ok {
		return nil
	}
	var fs unix.Statfs_t
	if unix.Fstatfs(max(p.fd, p.dir), &fs) != nil || fs.Type != unix.PROC_SUPER_MAGIC {
		return nil
	}
	for i := range settings {
		s := &settings[i]
		if !strings.HasPrefix("/"+rest, s.dir) {
			continue
		}
		ours, err := os.Readlink("/proc/self/" + s.link)
		theirs, err2 := os.Readlink(w.t.proc(s.link))
		if err != nil || err2 != nil || ours == theirs {
			return nil
		}
		return s
	}
	return nil
}

// openSetting opens a file of /proc as somebody in the thread's namespace, by a thread of
// its own, which ends with it. Where the supervisor may not go there, what it could
// open is another one's: that may be read, as far as the policy is concerned, and not
// written.
func (w *worker) openSetting(o *opening, p *operand, of *namespaced) {
	_, name, _ := strings.Cut(p.path, "/proc/")
	s := setting{
		path: "/proc/" + name, flags: int(o.flags) | unix.O_CLOEXEC | unix.O_NOCTTY,
		link: w.t.proc(of.link), namespace: of.namespace, as: w.mask.worn, own: w.mask.own,
	}
	fd, entered := -1, false
	done := make(chan error)
	ownthread.Go(func() {
		var err error
		fd, entered, err = s.open()
		done <- err
	})
	err := <-done
	if !entered && o.flags&unix.O_ACCMODE == unix.O_RDONLY && p.fd >= 0 {
		w.openThere(o, &p.place)
		return
	}
	if !entered {
		err = unix.EACCES
	}
	w.give(fd, err, o)
}

// A setting is a file of /proc that is opened in another namespace.
type setting struct {
	path, link string
	flags      int
	namespace  int
	as, own    *identity
}

func (s *setting) open() (fd int, entered bool, err error) {
	if err := unix.Unshare(unix.CLONE_FS); err != nil {
		return -1, false, fmt.Errorf("unshare(CLONE_FS): %w", err)
	}
	ns, err := unix.Open(s.link, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, false, err
	}
	defer unix.Close(ns)
	if err := unix.Setns(ns, s.namespace); err != nil {
		return -1, false, fmt.Errorf("setns: %w", err)
	}
	m := mask{own: s.own, worn: s.own, umask: -1}
	if err := m.wear(s.as); err != nil {
		return -1, false, err
	}
	fd, err = unix.Open(s.path, s.flags, 0)
	return fd, true, err
}
