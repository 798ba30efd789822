package enforce

import (
	"os"
	"path"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// steps is one walk, a component at a time.
type steps struct {
	w    *walker
	want want
	root int    // where absolute paths start: not ours to close
	base int    // where this walk started: not ours to close
	dir  int    // where it is
	rest string // what is left

	absolute bool // the walk started at the root
	foreign  bool // it came to another mount namespace
}

// run walks from base, or from the root for absolute words.
func (s *steps) run(base int, words string) place {
	s.base, s.rest, s.absolute = base, words, strings.HasPrefix(words, "/")
	if s.want.resolve&unix.RESOLVE_IN_ROOT != 0 {
		s.root = base
	}
	if err := s.begin(base); err != 0 {
		return s.fail(err)
	}
	for {
		name, last, must := s.next()
		if name == "" {
			return s.here()
		}
		p, done := s.step(name, last, must)
		if done {
			return p
		}
	}
}

// begin goes to where the words start.
func (s *steps) begin(from int) unix.Errno {
	if strings.HasPrefix(s.rest, "/") {
		if s.want.resolve&unix.RESOLVE_BENEATH != 0 {
			return unix.EXDEV
		}
		from = s.root
		// nd_jump_root (fs/namei.c) knows no root yet after a relative start.
		if s.dir >= 0 && s.want.resolve&unix.RESOLVE_NO_XDEV != 0 && (!s.absolute || s.crosses(from)) {
			return unix.EXDEV
		}
	}
	return s.moveTo(dup(from))
}

// moveTo makes fd the directory that the walk is in.
func (s *steps) moveTo(fd int) unix.Errno {
	if fd < 0 {
		return unix.EMFILE
	}
	closeFD(&s.dir)
	s.dir = fd
	return 0
}

func dup(fd int) int {
	n, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return -1
	}
	return n
}

// next takes the next component; last: nothing follows but slashes, and must: those
// do.
func (s *steps) next() (name string, last, must bool) {
	r := strings.TrimLeft(s.rest, "/")
	name, tail, slash := strings.Cut(r, "/")
	s.rest = tail
	last = strings.Trim(tail, "/") == ""
	return name, last, last && slash
}

// here ends a walk at the directory it is in.
func (s *steps) here() place {
	p := place{fd: s.dir, dir: -1}
	s.dir = -1
	if err := unix.Fstat(p.fd, &p.stat); err != nil {
		p.close()
		return place{fd: -1, dir: -1, err: errno(err)}
	}
	p.path = s.w.nameOf(p.fd)
	if p.stat.Mode&unix.S_IFMT != unix.S_IFDIR {
		p.err = unix.ENOTDIR
		closeFD(&p.fd)
	}
	return p
}

// fail ends a walk without an object. What is judged is the name that it would
// have, as rules write it: without //, . and .. in it.
func (s *steps) fail(err unix.Errno, names ...string) place {
	p := place{fd: -1, dir: -1, err: err, foreign: s.foreign}
	if s.dir >= 0 {
		p.path = path.Clean(join(s.w.nameOf(s.dir), strings.Join(append(names, s.rest), "/")))
	}
	closeFD(&s.dir)
	return p
}

// join returns what name in a directory is called; "" if nobody knows what the
// directory is called (a name longer than PATH_MAX cannot be read).
func join(dir, name string) string {
	name = strings.Trim(name, "/")
	switch {
	case dir == "":
		return ""
	case name == "":
		return dir
	case dir == "/":
		return "/" + name
	}
	return dir + "/" + name
}

// step goes one component further.
func (s *steps) step(name string, last, must bool) (place, bool) {
	switch name {
	case ".":
		return place{}, false
	case "..":
		return s.up()
	}
	fd, err := unix.Openat(s.dir, name, pathOnly|unix.O_NOFOLLOW, 0)
	if err == unix.ENOENT && last {
		return s.missing(name, must), true
	}
	if err != nil {
		return s.fail(errno(err), name), true
	}
	p := place{fd: fd, dir: -1, name: name, must: must}
	if err := unix.Fstat(fd, &p.stat); err != nil {
		p.close()
		return s.fail(errno(err), name), true
	}
	if s.crosses(fd) {
		p.close()
		return s.fail(unix.EXDEV, name), true
	}
	kind := p.stat.Mode & unix.S_IFMT
	switch {
	case kind == unix.S_IFLNK && (!last || s.want.follow || must && !s.want.name):
		return s.link(&p, name, last, must)
	case last:
		return s.arrived(&p, must), true
	case kind != unix.S_IFDIR:
		p.close()
		return s.fail(unix.ENOTDIR, name), true
	}
	s.moveTo(fd)
	return place{}, false
}

// missing ends a walk at a name that is not there.
func (s *steps) missing(name string, must bool) place {
	p := place{fd: -1, dir: s.dir, name: name, err: unix.ENOENT, must: must}
	p.path = join(s.w.nameOf(s.dir), name)
	s.dir = -1
	return p
}

// arrived ends a walk at an object.
func (s *steps) arrived(p *place, must bool) place {
	p.path = s.w.nameOf(p.fd)
	if must && !s.want.name && p.stat.Mode&unix.S_IFMT != unix.S_IFDIR {
		p.close()
		p.err = unix.ENOTDIR
		return *p
	}
	p.dir, s.dir = s.dir, -1
	return *p
}

// up goes to the parent directory, not beyond the root.
func (s *steps) up() (place, bool) {
	if s.want.resolve&unix.RESOLVE_BENEATH != 0 && s.at(s.base) {
		return s.fail(unix.EXDEV, ".."), true
	}
	if s.at(s.root) {
		return place{}, false
	}
	fd, err := unix.Openat(s.dir, "..", pathOnly|unix.O_DIRECTORY, 0)
	if err != nil {
		return s.fail(errno(err), ".."), true
	}
	if s.crosses(fd) {
		unix.Close(fd)
		return s.fail(unix.EXDEV, ".."), true
	}
	s.moveTo(fd)
	return place{}, false
}

// at reports whether the walk is at the directory of a descriptor.
func (s *steps) at(fd int) bool {
	var st unix.Statx_t
	if unix.Statx(fd, "", unix.AT_EMPTY_PATH, unix.STATX_INO|unix.STATX_MNT_ID, &st) != nil {
		return false
	}
	return sameDir(s.dir, &st)
}

// crosses reports whether RESOLVE_NO_XDEV forbids to go to fd.
func (s *steps) crosses(fd int) bool {
	if s.want.resolve&unix.RESOLVE_NO_XDEV == 0 {
		return false
	}
	var a, b unix.Statx_t
	if unix.Statx(s.dir, "", unix.AT_EMPTY_PATH, unix.STATX_MNT_ID, &a) != nil ||
		unix.Statx(fd, "", unix.AT_EMPTY_PATH, unix.STATX_MNT_ID, &b) != nil {
		return true
	}
	return a.Mnt_id != b.Mnt_id
}

// link follows the symbolic link p, which name in the directory of the walk is.
func (s *steps) link(p *place, name string, last, must bool) (place, bool) {
	defer closeFD(&p.fd)
	s.w.links++
	if s.w.links > maxLinks || s.want.resolve&unix.RESOLVE_NO_SYMLINKS != 0 {
		return s.fail(unix.ELOOP, name), true
	}
	text, jump, err := s.target(p.fd, name)
	if err != 0 {
		return s.fail(err, name), true
	}
	if jump >= 0 {
		return s.jump(jump, name, last, must)
	}
	if text == "" {
		return s.fail(unix.ENOENT, name), true
	}
	if must {
		text += "/"
	}
	s.rest = text + "/" + s.rest
	if last && !must {
		s.rest = text
	}
	if text[0] == '/' {
		if err := s.begin(-1); err != 0 {
			return s.fail(err), true
		}
	}
	return place{}, false
}

// target returns where a symbolic link leads: its text, or for a magic link of
// /proc, which leads to an object whatever its text says, a descriptor.
func (s *steps) target(fd int, name string) (text string, jump int, err unix.Errno) {
	var fs unix.Statfs_t
	if e := unix.Fstatfs(fd, &fs); e != nil {
		return "", -1, errno(e)
	}
	if fs.Type == unix.PROC_SUPER_MAGIC {
		if text := s.procSelf(name); text != "" {
			return text, -1, 0
		}
		how := unix.OpenHow{Flags: pathOnly, Resolve: unix.RESOLVE_NO_MAGICLINKS}
		probe, e := unix.Openat2(s.dir, name, &how)
		closeFD(&probe)
		if e == unix.ELOOP {
			return s.magic(name)
		}
	}
	n, e := unix.Readlinkat(fd, "", s.w.buf[:])
	if e != nil {
		return "", -1, errno(e)
	}
	return string(s.w.buf[:n]), -1, 0
}

// procSelf returns where self and thread-self lead in the root of /proc, for the
// thread.
func (s *steps) procSelf(name string) string {
	if name != "self" && name != "thread-self" {
		return ""
	}
	const procRoot = 1 // PROC_ROOT_INO, include/linux/proc_ns.h
	var st unix.Stat_t
	if unix.Fstat(s.dir, &st) != nil || st.Ino != procRoot {
		return ""
	}
	pid, tid := s.w.ids()
	if name == "self" {
		return pid
	}
	return pid + "/task/" + tid
}

// magic goes where a magic link leads.
func (s *steps) magic(name string) (string, int, unix.Errno) {
	switch {
	case s.want.resolve&unix.RESOLVE_NO_MAGICLINKS != 0:
		return "", -1, unix.ELOOP
	case s.want.resolve&(unix.RESOLVE_BENEATH|unix.RESOLVE_IN_ROOT) != 0:
		return "", -1, unix.EXDEV
	}
	fd, err := unix.Openat(s.dir, name, pathOnly, 0)
	if err != nil {
		return "", -1, errno(err)
	}
	if s.crosses(fd) {
		unix.Close(fd)
		return "", -1, unix.EXDEV
	}
	if s.w.isForeign(fd) {
		unix.Close(fd)
		s.foreign = true
		return "", -1, unix.EACCES
	}
	return "", fd, 0
}

// jump goes on from the object of a magic link. One without a name of its own is
// called as the link is.
func (s *steps) jump(fd int, name string, last, must bool) (place, bool) {
	p := place{fd: fd, dir: -1}
	if err := unix.Fstat(fd, &p.stat); err != nil {
		p.close()
		return s.fail(errno(err), name), true
	}
	if !last {
		s.moveTo(fd)
		return place{}, false
	}
	p.path = s.w.nameOf(fd)
	if p.path != "" && !strings.HasPrefix(p.path, "/") {
		p.path = join(s.w.nameOf(s.dir), name)
	}
	closeFD(&s.dir)
	if must && p.stat.Mode&unix.S_IFMT != unix.S_IFDIR {
		p.close()
		p.err = unix.ENOTDIR
	}
	return p, true
}

// ids returns the thread's ids as a /proc shows them: one of another pid
// namespace is the innermost's.
func (w *walker) ids() (pid, tid string) {
	pid, tid = strconv.Itoa(w.pid), strconv.Itoa(w.tid)
	ours, err := os.Readlink("/proc/self/ns/pid")
	theirs, err2 := os.Readlink("/proc/" + tid + "/ns/pid")
	if err != nil || err2 != nil || ours == theirs {
		return pid, tid
	}
	if p := innermost(w.tid, "NStgid"); p != "" {
		pid = p
	}
	if t := innermost(w.tid, "NSpid"); t != "" {
		tid = t
	}
	return pid, tid
}

// innermost returns the last id in a line of /proc/TID/status: that of the
// innermost pid namespace.
func innermost(tid int, key string) string {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(tid) + "/status")
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(b)) {
		if k, v, ok := strings.Cut(line, ":"); ok && k == key {
			f := strings.Fields(v)
			return f[max(0, len(f)-1)]
		}
	}
	return ""
}
