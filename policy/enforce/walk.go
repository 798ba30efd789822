package enforce

import (
	"errors"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// A place is where a walk along a path ended. Its descriptors are the caller's to
// close.
type place struct {
	fd      int         // O_PATH descriptor of the object; -1: there is none
	dir     int         // O_PATH descriptor of the directory it is in, -1: it was reached otherwise
	name    string      // in dir
	path    string      // what it is called, from the supervisor's root
	err     unix.Errno  // why there is no object
	stat    unix.Stat_t // of the object
	must    bool        // a slash at the end: it must be a directory
	foreign bool        // the way to it leads to another mount namespace
	_       [0]func()   // not comparable
}

func (p *place) close() {
	closeFD(&p.fd)
	closeFD(&p.dir)
}

func closeFD(fd *int) {
	if *fd >= 0 {
		unix.Close(*fd)
		*fd = -1
	}
}

// A walker resolves paths as a thread of the program would: from its root, its
// working directory and its descriptors, with its own /proc/self. It is for one
// goroutine.
type walker struct {
	tid, pid int
	rootFD   int    // the thread's root, -1: not open
	plain    bool   // which is the supervisor's
	bases    []base // what its relative paths start from, once opened
	links    int
	buf      [4096]byte
}

// A base is where relative paths start: a descriptor of the thread, or its working
// directory.
type base struct {
	dirfd int32
	fd    int
	err   error
}

// resolveAll are the RESOLVE_* flags of openat2 that a walk knows.
const resolveAll = unix.RESOLVE_NO_XDEV | unix.RESOLVE_NO_MAGICLINKS | unix.RESOLVE_NO_SYMLINKS |
	unix.RESOLVE_BENEATH | unix.RESOLVE_IN_ROOT

// maxLinks is MAXSYMLINKS (include/linux/namei.h).
const maxLinks = 40

const pathOnly = unix.O_PATH | unix.O_CLOEXEC

// as has the walker be a thread.
func (w *walker) as(tid, pid int) {
	w.done()
	w.tid, w.pid = tid, pid
}

// done forgets the thread.
func (w *walker) done() {
	closeFD(&w.rootFD)
	for i := range w.bases {
		closeFD(&w.bases[i].fd)
	}
	w.bases = w.bases[:0]
}

// want says what a walk is for.
type want struct {
	follow  bool   // a symbolic link at the end
	parent  bool   // place.dir is needed
	name    bool   // it is about the name at the end, also where a slash follows it
	resolve uint64 // RESOLVE_*
}

// walk resolves words, relative to descriptor dirfd of the thread.
func (w *walker) walk(dirfd int32, words string, q want) place {
	switch {
	case words == "":
		return place{fd: -1, dir: -1, err: unix.ENOENT}
	case len(words) >= len(w.buf):
		return place{fd: -1, dir: -1, err: unix.ENAMETOOLONG}
	}
	base := -1
	if words[0] != '/' || q.resolve&(unix.RESOLVE_IN_ROOT|unix.RESOLVE_BENEATH) != 0 {
		var err error
		if base, err = w.base(dirfd); err != nil {
			return place{fd: -1, dir: -1, err: errno(err)}
		}
	}
	if err := w.root(); err != nil {
		return place{fd: -1, dir: -1, err: errno(err)}
	}
	if q.resolve == 0 && w.plain {
		if p, ok := w.quick(base, words, q); ok {
			return p
		}
	}
	w.links = 0
	s := steps{w: w, want: q, root: w.rootFD, dir: -1}
	return s.run(base, words)
}

// base opens what relative paths start from. It stays the walker's.
func (w *walker) base(dirfd int32) (int, error) {
	for i := range w.bases {
		if w.bases[i].dirfd == dirfd {
			return w.bases[i].fd, w.bases[i].err
		}
	}
	name := "/proc/" + strconv.Itoa(w.tid)
	b := base{dirfd: dirfd, fd: -1}
	if dirfd == unix.AT_FDCWD {
		b.fd, b.err = unix.Open(name+"/cwd", pathOnly|unix.O_DIRECTORY, 0)
	} else {
		b.fd, b.err = unix.Open(name+"/fd/"+strconv.Itoa(int(dirfd)), pathOnly, 0)
		if errors.Is(b.err, unix.ENOENT) {
			b.err = unix.EBADF
		}
	}
	w.bases = append(w.bases, b)
	return b.fd, b.err
}

// root opens the thread's root.
func (w *walker) root() error {
	if w.rootFD >= 0 {
		return nil
	}
	fd, err := unix.Open("/proc/"+strconv.Itoa(w.tid)+"/root", pathOnly|unix.O_DIRECTORY, 0)
	if err != nil {
		return err
	}
	w.rootFD = fd
	var ours unix.Statx_t
	w.plain = unix.Statx(unix.AT_FDCWD, "/", 0, unix.STATX_INO|unix.STATX_MNT_ID, &ours) == nil && sameDir(fd, &ours)
	return nil
}

// quick lets the kernel do the whole walk, where that comes to the same as doing
// it as the thread: not where something of /proc is in the way, whose links
// depend on who follows them, and not under another root.
func (w *walker) quick(base int, words string, q want) (place, bool) {
	if base < 0 {
		base = unix.AT_FDCWD
	}
	if q.parent {
		return w.quickParent(base, words, q)
	}
	how := unix.OpenHow{Flags: pathOnly, Resolve: unix.RESOLVE_NO_MAGICLINKS}
	if !q.follow {
		how.Flags |= unix.O_NOFOLLOW
	}
	fd, err := unix.Openat2(base, words, &how)
	if err != nil {
		return place{}, false
	}
	p := place{fd: fd, dir: -1, must: strings.HasSuffix(words, "/")}
	if !w.look(&p, fd) {
		return place{}, false
	}
	p.path = w.nameOf(fd)
	return p, true
}

// look fills in what p is, and reports whether the walk that led to fd can be
// relied on; else it closes p.
func (w *walker) look(p *place, fd int) bool {
	var fs unix.Statfs_t
	if unix.Fstatfs(fd, &fs) != nil || fs.Type == unix.PROC_SUPER_MAGIC || p.fd >= 0 && unix.Fstat(p.fd, &p.stat) != nil {
		p.close()
		return false
	}
	return true
}

// quickParent does the walk to the directory that the object is in, and the last
// step.
func (w *walker) quickParent(base int, words string, q want) (place, bool) {
	i := strings.LastIndexByte(words, '/')
	dir, name := words[:i+1], words[i+1:]
	if name == "" || name == "." || name == ".." {
		return place{}, false
	}
	if dir == "" {
		dir = "."
	}
	how := unix.OpenHow{Flags: pathOnly | unix.O_DIRECTORY, Resolve: unix.RESOLVE_NO_MAGICLINKS}
	fd, err := unix.Openat2(base, dir, &how)
	if err != nil {
		return place{}, false
	}
	p := place{fd: -1, dir: fd, name: name}
	p.fd, err = unix.Openat(p.dir, name, pathOnly|unix.O_NOFOLLOW, 0)
	if err != nil {
		p.err, p.fd = errno(err), -1
	}
	if !w.look(&p, p.dir) {
		return place{}, false
	}
	if p.fd >= 0 && q.follow && p.stat.Mode&unix.S_IFMT == unix.S_IFLNK {
		p.close()
		return place{}, false
	}
	p.path = join(w.nameOf(p.dir), name)
	return p, true
}

// sameDir reports whether a descriptor is the very directory, on the very mount.
func sameDir(fd int, as *unix.Statx_t) bool {
	var st unix.Statx_t
	if unix.Statx(fd, "", unix.AT_EMPTY_PATH, unix.STATX_INO|unix.STATX_MNT_ID, &st) != nil {
		return false
	}
	return st.Ino == as.Ino && st.Dev_major == as.Dev_major && st.Dev_minor == as.Dev_minor && st.Mnt_id == as.Mnt_id
}

// nameOf returns what the object of a descriptor is called, with the thread's own
// process as self in /proc. What has no name in any directory (a pipe, a memfd) is
// called as the kernel calls it.
func (w *walker) nameOf(fd int) string {
	return w.ownName(strings.TrimSuffix(w.rawName(fd), " (deleted)"))
}

// rawName returns what the kernel calls the object of a descriptor, "" if that is too
// long to be read.
func (w *walker) rawName(fd int) string {
	n, err := unix.Readlink(self(fd), w.buf[:])
	if err != nil {
		return ""
	}
	return string(w.buf[:n])
}

// ownName calls the thread's process in /proc self.
func (w *walker) ownName(path string) string {
	rest, ok := strings.CutPrefix(path, "/proc/")
	if !ok {
		return path
	}
	id, tail, _ := strings.Cut(rest, "/")
	if id != strconv.Itoa(w.pid) && id != strconv.Itoa(w.tid) {
		return path
	}
	if tail == "" {
		return "/proc/self"
	}
	return "/proc/self/" + tail
}

func errno(err error) unix.Errno {
	var e unix.Errno
	if errors.As(err, &e) {
		return e
	}
	return unix.EACCES
}

// descriptorPlace is the place of what a descriptor of the thread refers to.
func (w *walker) descriptorPlace(fd int32) place {
	p := place{fd: -1, dir: -1}
	base, err := w.base(fd)
	if err != nil {
		p.err = errno(err)
		return p
	}
	if p.fd = dup(base); p.fd < 0 {
		p.err = unix.EMFILE
		return p
	}
	if err := unix.Fstat(p.fd, &p.stat); err != nil {
		p.close()
		p.err = errno(err)
		return p
	}
	p.path = w.nameOf(p.fd)
	if p.path != "" && !strings.HasPrefix(p.path, "/") {
		p.path = "/proc/self/fd/" + strconv.Itoa(int(fd))
	}
	return p
}
