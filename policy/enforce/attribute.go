package enforce

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// performTimes is utime and its kin: the times are copied, the file is the one
// that was judged.
func performTimes(w *worker) {
	ev := &w.ev
	var at int // the argument that points to the times
	switch ev.Call.Name {
	case "utime", "utimes":
		at = 1
	default:
		at = 2
	}
	ts, e := w.times(ev.Args[at], ev.Call.Name)
	if e != 0 {
		w.refuse(e)
		return
	}
	p, ok := w.at(w.effectArg(0))
	if !ok {
		return
	}
	var times unsafe.Pointer
	if ts != nil {
		times = unsafe.Pointer(&ts[0])
	}
	var none [1]byte
	_, _, e = unix.Syscall6(unix.SYS_UTIMENSAT, uintptr(p.fd), uintptr(unsafe.Pointer(&none)), uintptr(times), unix.AT_EMPTY_PATH, 0, 0)
	if e != 0 {
		w.refuse(e)
		return
	}
	w.reply(0)
}

// times reads two points in time as call has them: seconds, or with micro- or
// nanoseconds. nil: now.
func (w *worker) times(addr uint64, call string) (*[2]unix.Timespec, unix.Errno) {
	if addr == 0 {
		return nil, 0
	}
	var b [32]byte
	n := len(b)
	if call == "utime" {
		n = 16
	}
	if w.mem.ReadMemory(addr, b[:n]) != n {
		return nil, unix.EFAULT
	}
	var ts [2]unix.Timespec
	if call == "utime" {
		ts[0].Sec, ts[1].Sec = setSec(word64(b[:])), setSec(word64(b[8:]))
		return &ts, 0
	}
	for i := range ts {
		frac := int64(word64(b[16*i+8:]))
		if call != "utimensat" {
			if frac < 0 || frac >= 1e6 {
				return nil, unix.EINVAL
			}
			frac *= 1000
		}
		ts[i].Sec, ts[i].Nsec = setSec(word64(b[16*i:])), setSec(uint64(frac))
	}
	return &ts, 0
}

// xattrMost is XATTR_SIZE_MAX (include/uapi/linux/limits.h).
const xattrMost = 65536

func performSetxattr(w *worker) {
	ev := &w.ev
	name, ok := wordsOf(ev, 1)
	size := ev.Args[3]
	if !ok || size > xattrMost {
		w.refuse(unix.E2BIG)
		return
	}
	value := make([]byte, size)
	err := w.asSelf(func() error {
		if w.mem.ReadMemory(ev.Args[2], value) != len(value) {
			return unix.EFAULT
		}
		return nil
	})
	if err != nil {
		w.refuse(errno(err))
		return
	}
	p, ok := w.at(w.effectArg(0))
	if !ok {
		return
	}
	w.result(unix.Setxattr(self(p.fd), name, value, int(int32(ev.Args[4]))))
}

func performRemovexattr(w *worker) {
	name, ok := wordsOf(&w.ev, 1)
	if !ok {
		w.refuse(unix.ERANGE)
		return
	}
	p, ok := w.at(w.effectArg(0))
	if !ok {
		return
	}
	w.result(unix.Removexattr(self(p.fd), name))
}

// performNot is for calls that are too new to be needed and would be made with
// words that can change: they are as in an older kernel.
func performNot(w *worker) { w.refuse(unix.ENOSYS) }
