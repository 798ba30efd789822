package enforce

import (
	"bytes"
	"errors"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The calls that look at a name: at what it was when it was judged.

// lookOperations adds them, by the names and structures that the machine's own ABI
// has. chdir is not among them, which only the kernel can do for a thread: see landing.
func lookOperations(m map[string]*operation) {
	follows := &operation{do: performStat, null: true, native: true, follow: unlessNoFollow}
	link := &operation{do: performStat, native: true, follow: never}
	if unsafe.Sizeof(uintptr(0)) == 8 {
		m["stat"], m["lstat"], m["newfstatat"] = follows, link, follows
	} else {
		m["stat64"], m["lstat64"], m["fstatat64"] = follows, link, follows
	}
	m["statx"] = &operation{do: performStatx, null: true, follow: unlessNoFollow}
	access := &operation{do: performAccess, follow: unlessNoFollow}
	m["access"], m["faccessat"], m["faccessat2"] = access, &operation{do: performAccess}, access
	read := &operation{do: performReadlink, parent: true, follow: never}
	m["readlink"], m["readlinkat"] = read, read
	if unsafe.Sizeof(uintptr(0)) == 8 {
		m["statfs"] = &operation{do: performStatfs, native: true}
	}
	m["getxattr"], m["lgetxattr"] = &operation{do: performGetxattr}, &operation{do: performGetxattr, follow: never}
	m["listxattr"], m["llistxattr"] = &operation{do: performListxattr}, &operation{do: performListxattr, follow: never}
	m["inotify_add_watch"] = &operation{do: performWatch, follow: unlessMask("mask", unix.IN_DONT_FOLLOW)}
	m["name_to_handle_at"] = &operation{do: performHandle, follow: whenFollow}
	if unsafe.Sizeof(uintptr(0)) == 8 { // its mask is in two registers else
		m["fanotify_mark"] = &operation{do: performMark, null: true, native: true, follow: unlessMask("flags", unix.FAN_MARK_DONT_FOLLOW)}
	}
	not := &operation{do: performNot}
	m["getxattrat"], m["listxattrat"], m["file_getattr"] = not, not, not
}

// written gives the thread what a call has found, and answers with val.
func (w *worker) written(addr uint64, b []byte, val int64) {
	err := w.asSelf(func() error {
		if !w.mem.WriteMemory(addr, b) {
			return unix.EFAULT
		}
		return nil
	})
	if err != nil {
		w.refuse(errno(err))
		return
	}
	w.reply(val)
}

// lookedAt is the object of a call that looks; the flags are minded first.
func (w *worker) lookedAt(known uint32) (*place, bool) {
	if named32(&w.ev, "flags")&^known != 0 {
		w.refuse(unix.EINVAL)
		return nil, false
	}
	if words, ok := wordsOf(&w.ev, w.effectArg(0)); !ok && words == "" && w.op.null &&
		w.ev.Arg(w.effectArg(0)) == 0 && named32(&w.ev, "flags")&unix.AT_EMPTY_PATH == 0 {
		w.refuse(unix.EFAULT) // only with the flag is it the descriptor
		return nil, false
	}
	return w.at(w.effectArg(0))
}

const statFlags = unix.AT_SYMLINK_NOFOLLOW | unix.AT_NO_AUTOMOUNT | unix.AT_EMPTY_PATH | unix.AT_STATX_FORCE_SYNC | unix.AT_STATX_DONT_SYNC

func performStat(w *worker) {
	p, ok := w.lookedAt(statFlags)
	if !ok {
		return
	}
	var st unix.Stat_t
	if err := unix.Fstat(p.fd, &st); err != nil {
		w.refuse(errno(err))
		return
	}
	arg := w.effectArg(0) + 1
	w.written(w.ev.Arg(arg), unsafe.Slice((*byte)(unsafe.Pointer(&st)), unsafe.Sizeof(st)), 0)
}

func performStatx(w *worker) {
	p, ok := w.lookedAt(statFlags)
	if !ok {
		return
	}
	var st unix.Statx_t
	flags := int(named32(&w.ev, "flags")) &^ unix.AT_SYMLINK_NOFOLLOW
	if err := unix.Statx(p.fd, "", flags|unix.AT_EMPTY_PATH, int(w.ev.Arg(3)), &st); err != nil {
		w.refuse(errno(err))
		return
	}
	w.written(w.ev.Arg(4), unsafe.Slice((*byte)(unsafe.Pointer(&st)), unsafe.Sizeof(st)), 0)
}

// performAccess asks as who counts, see asking.
func performAccess(w *worker) {
	mode := named32(&w.ev, "mode")
	flags := named32(&w.ev, "flags")
	if w.ev.Call.Name != "faccessat2" {
		flags = 0
	}
	if mode&^7 != 0 || flags&^(unix.AT_EACCESS|unix.AT_SYMLINK_NOFOLLOW|unix.AT_EMPTY_PATH) != 0 {
		w.refuse(unix.EINVAL)
		return
	}
	p, ok := w.at(w.effectArg(0))
	if !ok {
		return
	}
	w.result(unix.Faccessat(p.fd, "", mode, unix.AT_EACCESS|unix.AT_EMPTY_PATH))
}

// asking returns who a call asks as. access and faccessat look with the real ids, and
// with the capabilities that root has then (access_override_creds, fs/open.c).
func (w *worker) asking(who *identity) *identity {
	switch w.ev.Call.Name {
	case "access", "faccessat":
	case "faccessat2":
		if named32(&w.ev, "flags")&unix.AT_EACCESS != 0 {
			return who
		}
	default:
		return who
	}
	caps := uint64(0)
	if who.uids[0] == 0 {
		caps = who.permitted
	}
	if who.uids[0] == who.uid && who.gids[0] == who.gid && who.caps == caps {
		return who
	}
	as := *who
	as.uid, as.gid, as.caps = who.uids[0], who.gids[0], caps
	return &as
}

// performReadlink reads a link. Some of /proc say another thing to everybody who
// reads them.
func performReadlink(w *worker) {
	arg := w.effectArg(0) + 1
	size := int64(int32(w.ev.Arg(arg + 1)))
	if size <= 0 {
		w.refuse(unix.EINVAL)
		return
	}
	p, ok := w.at(w.effectArg(0))
	if !ok {
		return
	}
	var fs unix.Statfs_t
	if err := unix.Fstatfs(p.fd, &fs); err != nil {
		w.refuse(errno(err))
		return
	}
	inProc := fs.Type == unix.PROC_SUPER_MAGIC
	if inProc && p.dir >= 0 {
		s := steps{w: &w.res.walker, dir: p.dir}
		if text := s.procSelf(p.name); text != "" {
			w.written(w.ev.Arg(arg), []byte(text)[:min(len(text), int(size))], min(int64(len(text)), size))
			return
		}
	}
	words, _ := wordsOf(&w.ev, w.effectArg(0))
	buf := make([]byte, unix.PathMax)
	n := 0
	read := func() (err error) {
		n, err = unix.Readlinkat(p.fd, "", buf)
		return err
	}
	err := read()
	if errors.Is(err, unix.EACCES) && strings.HasPrefix(p.path, "/proc/self/") { // its own, whatever it is
		err = w.asSelf(read)
	}
	switch {
	case errors.Is(err, unix.ENOENT) && words != "": // not a link: readlinkat of an empty path says so
		w.refuse(unix.EINVAL)
	case err != nil:
		w.refuse(errno(err))
	default:
		b := buf[:n]
		if inProc && !w.res.plain {
			b = w.fromRoot(b)
		}
		b = b[:min(int64(len(b)), size)]
		w.written(w.ev.Arg(arg), b, int64(len(b)))
	}
}

// fromRoot returns what a link of /proc says to a thread with another root: names start
// there (d_path, fs/d_path.c).
func (w *worker) fromRoot(text []byte) []byte {
	root := []byte(w.res.rawName(w.res.rootFD))
	rest, under := bytes.CutPrefix(text, root)
	switch {
	case len(root) < 2 || !under || len(rest) > 0 && rest[0] != '/':
		return text
	case len(rest) == 0:
		return []byte("/")
	}
	return rest
}

func performStatfs(w *worker) {
	p, ok := w.at(w.effectArg(0))
	if !ok {
		return
	}
	var fs unix.Statfs_t
	if err := unix.Fstatfs(p.fd, &fs); err != nil {
		w.refuse(errno(err))
		return
	}
	w.written(w.ev.Arg(1), unsafe.Slice((*byte)(unsafe.Pointer(&fs)), unsafe.Sizeof(fs)), 0)
}

func performGetxattr(w *worker) {
	name, ok := wordsOf(&w.ev, 1)
	if !ok {
		w.refuse(unix.ERANGE)
		return
	}
	w.attribute(2, func(file string, b []byte) (int, error) { return unix.Getxattr(file, name, b) })
}

func performListxattr(w *worker) { w.attribute(1, unix.Listxattr) }

// attribute gives the thread what read finds, into the buffer in argument arg and
// the size behind it; no size asks how much there is.
func (w *worker) attribute(arg int, read func(string, []byte) (int, error)) {
	p, ok := w.at(w.effectArg(0))
	if !ok {
		return
	}
	buf := make([]byte, min(w.ev.Arg(arg+1), xattrMost))
	n, err := read(self(p.fd), buf)
	switch {
	case err != nil:
		w.refuse(errno(err))
	case len(buf) == 0:
		w.reply(int64(n))
	default:
		w.written(w.ev.Arg(arg), buf[:n], int64(n))
	}
}
