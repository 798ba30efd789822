package enforce

import (
	"errors"
	"strings"

	"golang.org/x/sys/unix"
)

// The calls that change names and what they stand for, on what was judged.

// effectArg returns the argument that names the object of the nth effect.
func (w *worker) effectArg(n int) int { return int(w.ev.Call.Effects[n].Arg) }

func performMkdir(w *worker) {
	p, ok := w.in(w.effectArg(0))
	if !ok {
		return
	}
	if p.dir < 0 {
		w.refuse(unix.EEXIST)
		return
	}
	w.result(unix.Mkdirat(p.dir, p.leaf(), named32(&w.ev, "mode")))
}

func performMknod(w *worker) {
	p, ok := w.in(w.effectArg(0))
	if !ok {
		return
	}
	if p.dir < 0 {
		w.refuse(unix.EEXIST)
		return
	}
	w.result(unix.Mknodat(p.dir, p.leaf(), named32(&w.ev, "mode"), int(named32(&w.ev, "dev"))))
}

func performUnlink(w *worker) {
	flags := 0
	switch w.ev.Call.Name {
	case "rmdir":
		flags = unix.AT_REMOVEDIR
	case "unlinkat":
		flags = int(named32(&w.ev, "flags"))
	}
	p, ok := w.in(w.effectArg(0))
	if !ok {
		return
	}
	if p.dir < 0 {
		w.refuse(w.unremovable(flags))
		return
	}
	w.result(unix.Unlinkat(p.dir, p.leaf(), flags))
}

// unremovable is what removing ".", ".." or "/" comes to (unlink(2), rmdir(2)).
func (w *worker) unremovable(flags int) unix.Errno {
	if flags&unix.AT_REMOVEDIR == 0 {
		return unix.EISDIR
	}
	words, _ := wordsOf(&w.ev, w.effectArg(0))
	words = strings.TrimRight(words, "/")
	switch words[strings.LastIndexByte(words, '/')+1:] {
	case ".":
		return unix.EINVAL
	case "..":
		return unix.ENOTEMPTY
	}
	return unix.EBUSY
}

func performRename(w *worker) {
	from, ok := w.in(w.effectArg(0))
	if !ok {
		return
	}
	to, ok := w.in(w.effectArg(1))
	if !ok {
		return
	}
	if from.dir < 0 || to.dir < 0 {
		w.refuse(unix.EBUSY)
		return
	}
	flags := uint(0)
	if w.ev.Call.Name == "renameat2" {
		flags = uint(named32(&w.ev, "flags"))
	}
	w.result(unix.Renameat2(from.dir, from.leaf(), to.dir, to.leaf(), flags))
}

func performLink(w *worker) {
	old, ok := w.at(w.effectArg(0))
	if !ok {
		return
	}
	p, ok := w.in(w.effectArg(2))
	if !ok {
		return
	}
	if p.dir < 0 {
		w.refuse(unix.EEXIST)
		return
	}
	w.result(unix.Linkat(unix.AT_FDCWD, self(old.fd), p.dir, p.leaf(), unix.AT_SYMLINK_FOLLOW))
}

func performSymlink(w *worker) {
	text, readable := wordsOf(&w.ev, 0)
	if !readable {
		w.refuse(w.unreadable(0))
		return
	}
	p, ok := w.in(w.effectArg(0))
	if !ok {
		return
	}
	if p.dir < 0 {
		w.refuse(unix.EEXIST)
		return
	}
	w.result(unix.Symlinkat(text, p.dir, p.leaf()))
}

func performChmod(w *worker) {
	p, ok := w.at(w.effectArg(0))
	if !ok {
		return
	}
	if p.stat.Mode&unix.S_IFMT == unix.S_IFLNK {
		w.refuse(unix.EOPNOTSUPP)
		return
	}
	w.result(unix.Chmod(self(p.fd), named32(&w.ev, "mode")))
}

func performChown(w *worker) {
	p, ok := w.at(w.effectArg(0))
	if !ok {
		return
	}
	uid, gid := int(int32(named32(&w.ev, "owner"))), int(int32(named32(&w.ev, "group")))
	w.result(unix.Fchownat(p.fd, "", uid, gid, unix.AT_EMPTY_PATH))
}

func performTruncate(w *worker) {
	if int64(w.ev.Arg(1)) < 0 {
		w.refuse(unix.EINVAL)
		return
	}
	p, ok := w.at(w.effectArg(0))
	if !ok {
		return
	}
	size := w.ev.Arg(1)
	if w.tooLong(p, size) {
		_ = unix.Tgkill(w.t.pid, w.t.tid, unix.SIGXFSZ)
		w.refuse(unix.EFBIG)
		return
	}
	w.result(unix.Truncate(self(p.fd), int64(size)))
}

// tooLong reports whether a file would become longer than the thread may make one
// (RLIMIT_FSIZE, setrlimit(2)).
func (w *worker) tooLong(p *place, size uint64) bool {
	var limit unix.Rlimit
	return size > uint64(p.stat.Size) && unix.Prlimit(w.t.tid, unix.RLIMIT_FSIZE, nil, &limit) == nil && size > limit.Cur
}

// patiently does what may wait for somebody else, as long as the thread waits for
// it. A signal that the thread could take by itself ends both waits: then the call
// is to be made anew, or fails with EINTR, as the kernel decides.
func (w *worker) patiently(do func() (int, error)) (int, error) {
	if err := interrupting(); err != nil {
		return -1, err
	}
	for {
		watch := make(chan struct{})
		ended := make(chan struct{})
		id, t, tid := w.n.id, w.t, w.tid
		go func() {
			defer close(ended)
			w.l.watchWait(watch, id, t, tid)
		}()
		n, err := do()
		close(watch)
		<-ended
		if !errors.Is(err, unix.EINTR) {
			return n, err
		}
		if !w.l.valid(id) || w.l.closing.Load() || signalPending(t.tid) {
			return n, restartSys
		}
		// Another thread of the process has taken the signal: to this one the kernel would
		// show restartSys.
	}
}

// restartSys is ERESTARTSYS (include/linux/errno.h): what a call returns that a
// signal has interrupted, before the kernel has looked whether to make it again.
const restartSys = unix.Errno(512)
