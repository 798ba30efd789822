package enforce

import (
	"bytes"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// An opening is what an open asks for.
type opening struct {
	flags   uint64
	mode    uint64
	resolve uint64
	two     bool // by openat2, which minds what it does not know
	err     unix.Errno
}

func isOpening(name string) bool {
	return name == "open" || name == "openat" || name == "openat2" || name == "creat"
}

// opening returns what the call asks for.
func (w *worker) opening() opening {
	ev := &w.ev
	switch ev.Call.Name {
	case "creat":
		return opening{flags: unix.O_CREAT | unix.O_WRONLY | unix.O_TRUNC, mode: ev.Args[1] & 0o7777}
	case "open":
		return opening{flags: uint64(uint32(ev.Args[1])), mode: ev.Args[2] & 0o7777}
	case "openat":
		return opening{flags: uint64(uint32(ev.Args[2])), mode: ev.Args[3] & 0o7777}
	}
	return w.openHow()
}

// openHow reads openat2's structure (openat2(2)); an unknown longer one must be
// zero behind what we know.
func (w *worker) openHow() opening {
	const known = 24
	o := opening{two: true}
	size := w.ev.Args[3]
	if size < known || size > snapPageSize {
		o.err = unix.EINVAL
		if size > snapPageSize {
			o.err = unix.E2BIG
		}
		return o
	}
	b := make([]byte, size)
	if w.mem.ReadMemory(w.ev.Args[2], b) != len(b) {
		o.err = unix.EFAULT
		return o
	}
	for _, c := range b[known:] {
		if c != 0 {
			o.err = unix.E2BIG
			return o
		}
	}
	o.flags, o.mode, o.resolve = word64(b), word64(b[8:]), word64(b[16:])
	switch {
	case o.resolve&resolveCached != 0:
		o.err = unix.EAGAIN // the program tries again without
	case o.resolve&^resolveAll != 0, o.mode&^0o7777 != 0, o.mode != 0 && o.flags&(unix.O_CREAT|tmpFile) == 0,
		o.resolve&(unix.RESOLVE_BENEATH|unix.RESOLVE_IN_ROOT) == unix.RESOLVE_BENEATH|unix.RESOLVE_IN_ROOT:
		o.err = unix.EINVAL
	}
	return o
}

// resolveCached is RESOLVE_CACHED (include/uapi/linux/openat2.h).
const resolveCached = 0x20

// tmpFile is __O_TMPFILE.
const tmpFile = unix.O_TMPFILE &^ unix.O_DIRECTORY

func word64(b []byte) uint64 {
	var v uint64
	for i := range 8 {
		v |= uint64(b[i]) << (8 * i)
	}
	return v
}

// follow reports whether a symbolic link at the end is followed.
func (o *opening) follow() bool {
	const exclusive = unix.O_CREAT | unix.O_EXCL
	return o.flags&unix.O_NOFOLLOW == 0 && o.flags&exclusive != exclusive
}

// performOpen opens what was judged, and gives the thread the descriptor.
func performOpen(w *worker) {
	o := w.opening()
	p := w.res.known(w.pathArg())
	var in *namespaced
	if p != nil {
		in = w.ofNamespace(&p.place)
	}
	switch {
	case o.err != 0:
		w.refuse(o.err)
	case o.invalid():
		w.refuse(unix.EINVAL)
	case o.flags&unix.O_CREAT != 0 && p != nil && p.must && o.flags&unix.O_PATH == 0:
		w.refuse(unix.EISDIR)
	case p == nil:
		w.refuse(unix.EFAULT)
	case in != nil:
		w.openSetting(&o, p, in)
	case o.flags&unix.O_PATH != 0:
		w.refuse(unix.ENOSYS) // openat2: its flags are in memory; the others stop, see landing
	case p.fd >= 0 && p.stat.Mode&unix.S_IFMT == unix.S_IFLNK:
		w.refuse(linkError(&o))
	case p.fd >= 0:
		w.openThere(&o, &p.place)
	case p.err == unix.ENOENT && p.dir >= 0 && o.flags&unix.O_CREAT != 0:
		w.create(&o, p)
	default:
		w.refuse(p.err)
	}
}

// invalid asks the kernel whether the flags go together: it looks at them before
// it finds that the path is empty.
func (o *opening) invalid() bool {
	if !o.two && o.flags&unix.O_DIRECTORY == 0 {
		return false
	}
	var err error
	if o.two {
		_, err = unix.Openat2(unix.AT_FDCWD, "", &unix.OpenHow{Flags: o.flags, Mode: o.mode})
	} else {
		_, err = unix.Open("", int(o.flags), uint32(o.mode))
	}
	return err == unix.EINVAL
}

func linkError(o *opening) unix.Errno {
	switch {
	case o.flags&unix.O_CREAT != 0 && o.flags&unix.O_EXCL != 0:
		return unix.EEXIST
	case o.flags&unix.O_DIRECTORY != 0:
		return unix.ENOTDIR
	}
	return unix.ELOOP
}

// pathArg is the argument that names the file of an open.
func (w *worker) pathArg() int { return int(w.ev.Call.Effects[0].Arg) }

// openThere opens an object that is there, by its descriptor.
func (w *worker) openThere(o *opening, p *place) {
	kind := p.stat.Mode & unix.S_IFMT
	if o.flags&unix.O_CREAT != 0 {
		switch {
		case o.flags&unix.O_EXCL != 0:
			w.refuse(unix.EEXIST)
			return
		case kind == unix.S_IFDIR:
			w.refuse(unix.EISDIR)
			return
		}
	}
	name := self(p.fd)
	if kind == unix.S_IFCHR && p.stat.Rdev == unix.Mkdev(5, 0) {
		if name = w.terminal(p); name == "" {
			w.refuse(unix.ENXIO)
			return
		}
	}
	flags := o.flags &^ (unix.O_CREAT | unix.O_EXCL | unix.O_NOFOLLOW)
	if o.flags&tmpFile != 0 {
		flags = o.flags &^ unix.O_NOFOLLOW
	}
	var fd int
	var err error
	if mayBlock(kind, p.stat.Rdev, flags) {
		if !w.handOver() {
			w.refuse(unix.EAGAIN)
			return
		}
		fd, err = w.patiently(func() (int, error) { return w.reopen(o, name, flags) })
	} else {
		fd, err = w.reopen(o, name, flags)
	}
	w.give(fd, err, o)
}

func (w *worker) give(fd int, err error, o *opening) {
	if err != nil {
		w.refuse(errno(err))
		return
	}
	w.inject(fd, o.flags&unix.O_CLOEXEC != 0)
}

// reopen opens by a name that leads to one object. The terminal of the supervisor
// must not become that.
func (w *worker) reopen(o *opening, name string, flags uint64) (int, error) {
	flags |= unix.O_CLOEXEC | unix.O_NOCTTY
	if o.two {
		how := unix.OpenHow{Flags: flags}
		if flags&tmpFile != 0 { // openat2 minds a mode where nothing is made
			how.Mode = o.mode
		}
		return unix.Openat2(unix.AT_FDCWD, name, &how)
	}
	return unix.Open(name, int(flags), uint32(o.mode))
}

// mayBlock reports whether an open may wait for somebody else.
func mayBlock(kind uint32, rdev uint64, flags uint64) bool {
	if flags&unix.O_NONBLOCK != 0 {
		return false
	}
	switch kind {
	case unix.S_IFIFO:
		return flags&unix.O_ACCMODE != unix.O_RDWR
	case unix.S_IFCHR:
		const memory, consoles, ptys = 1, 5, 136 // Documentation/admin-guide/devices.txt
		major := unix.Major(rdev)
		return major != memory && major != consoles && major != ptys
	}
	return false
}

// terminal returns the name of the thread's controlling terminal, which /dev/tty
// is another one for every session.
func (w *worker) terminal(p *place) string {
	ours, theirs := ttyOf("self"), ttyOf(strconv.Itoa(w.t.pid))
	switch {
	case theirs == 0:
		return ""
	case ours == theirs:
		return self(p.fd)
	}
	// As new_encode_dev (include/linux/kdev_t.h) has it.
	major, minor := theirs>>8&0xfff, theirs&0xff|theirs>>12&0xfff00
	const firstPty, lastPty, perMajor = 136, 143, 256
	if major >= firstPty && major <= lastPty {
		return "/dev/pts/" + strconv.Itoa((major-firstPty)*perMajor+minor)
	}
	return ""
}

// ttyOf returns the terminal's device number in /proc/PID/stat (proc_pid_stat(5)).
func ttyOf(pid string) int {
	f, err := statFields("/proc/" + pid + "/stat")
	const tty = 7 - 3
	if err != nil || len(f) <= tty {
		return 0
	}
	n, _ := strconv.Atoi(f[tty])
	return n
}

// statFields are the fields of a /proc/PID/stat from the third on: those before are
// PID (NAME), and the name may have anything in it.
func statFields(file string) ([]string, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:])), nil
}

// tries is how often a walk is done again because somebody makes and removes the
// name meanwhile.
const tries = 16

// create makes the file that was not there. Should there be something by now, all
// is looked at again.
func (w *worker) create(o *opening, p *operand) {
	for range tries {
		flags := o.flags | unix.O_EXCL | unix.O_NOFOLLOW | unix.O_CLOEXEC | unix.O_NOCTTY
		var fd int
		var err error
		if o.two {
			fd, err = unix.Openat2(p.dir, p.name, &unix.OpenHow{Flags: flags, Mode: o.mode})
		} else {
			fd, err = unix.Openat(p.dir, p.name, int(flags), uint32(o.mode))
		}
		if err != unix.EEXIST || o.flags&unix.O_EXCL != 0 {
			w.give(fd, err, o)
			return
		}
		if !w.again(p) {
			return
		}
		if p.fd >= 0 {
			if p.stat.Mode&unix.S_IFMT == unix.S_IFLNK {
				w.refuse(linkError(o))
				return
			}
			w.openThere(o, &p.place)
			return
		}
	}
	w.refuse(unix.EAGAIN)
}

// again walks to an operand once more and judges it. If the call must not be made
// any more, it is answered.
func (w *worker) again(p *operand) bool {
	words, _ := wordsOf(&w.ev, p.arg)
	dirfd := int32(unix.AT_FDCWD)
	if p.from >= 0 {
		dirfd = int32(w.ev.Arg(p.from))
	}
	p.close()
	p.place = w.res.walk(dirfd, words, w.op.want(w, p.arg))
	profile, _ := w.t.under()
	v := w.decide(profile, &w.ev, w.dcr.Pairs(&w.ev))
	if !runs(v.Action.Kind) {
		a := v.Action
		if a.Num == 0 {
			a = refusal
		}
		w.refuse(unix.Errno(a.Num))
		return false
	}
	return true
}
