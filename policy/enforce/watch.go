package enforce

import (
	"encoding/binary"
	"unsafe"

	"strait/syscalls"

	"golang.org/x/sys/unix"
)

// The calls that keep an eye on what a name stands for, or make another name of it.

// unlessMask follows unless a bit is set in the argument named name.
func unlessMask(name string, bit uint32) func(*syscalls.Event, int) bool {
	return func(ev *syscalls.Event, _ int) bool { return named32(ev, name)&bit == 0 }
}

// whenFollow follows with AT_SYMLINK_FOLLOW.
func whenFollow(ev *syscalls.Event, _ int) bool {
	return named32(ev, "flags")&unix.AT_SYMLINK_FOLLOW != 0
}

// watch has a call made with the descriptor in the first argument, the thread's, on the
// file that was judged. If there is no such descriptor, or no file, the call is answered.
func (w *worker) watch(call func(fd int, file string)) {
	fd := -1
	err := w.asSelf(func() (err error) {
		fd, err = w.res.borrow(int32(w.ev.Arg(0)))
		return err
	})
	if err != nil {
		w.refuse(unix.EBADF)
		return
	}
	defer unix.Close(fd)
	if p, ok := w.at(w.effectArg(0)); ok {
		call(fd, self(p.fd))
	}
}

// performWatch adds a watch to the thread's inotify instance.
func performWatch(w *worker) {
	w.watch(func(fd int, file string) {
		n, err := unix.InotifyAddWatch(fd, file, named32(&w.ev, "mask")&^unix.IN_DONT_FOLLOW)
		if err != nil {
			w.refuse(errno(err))
			return
		}
		w.reply(int64(n))
	})
}

// performMark adds a mark to the thread's fanotify group.
func performMark(w *worker) {
	w.watch(func(fd int, file string) {
		w.result(unix.FanotifyMark(fd, uint(named32(&w.ev, "flags"))&^unix.FAN_MARK_DONT_FOLLOW, w.ev.Arg(2), unix.AT_FDCWD, file))
	})
}

// atHandleMntIDUnique is AT_HANDLE_MNT_ID_UNIQUE (include/uapi/linux/fcntl.h).
const atHandleMntIDUnique = 1

// performHandle makes a handle of the file that was judged (name_to_handle_at(2)).
func performHandle(w *worker) {
	p, ok := w.at(w.effectArg(0))
	if !ok {
		return
	}
	const head = 8           // handle_bytes and handle_type
	var buf [head + 128]byte // MAX_HANDLE_SZ
	addr, flags := w.ev.Arg(2), named32(&w.ev, "flags")
	if w.mem.ReadMemory(addr, buf[:4]) != 4 {
		w.refuse(unix.EFAULT)
		return
	}
	if size := binary.NativeEndian.Uint32(buf[:]); size > uint32(len(buf)-head) {
		w.refuse(unix.EINVAL)
		return
	}
	var mount [8]byte
	path, err := unix.BytePtrFromString(self(p.fd))
	if err != nil {
		w.refuse(unix.EINVAL)
		return
	}
	call := flags&^unix.AT_EMPTY_PATH | unix.AT_SYMLINK_FOLLOW
	at := unix.AT_FDCWD
	_, _, e := unix.Syscall6(unix.SYS_NAME_TO_HANDLE_AT, uintptr(at), uintptr(unsafe.Pointer(path)),
		uintptr(unsafe.Pointer(&buf)), uintptr(unsafe.Pointer(&mount)), uintptr(call), 0)
	if e != 0 && e != unix.EOVERFLOW {
		w.refuse(e)
		return
	}
	n, id := head, 4
	if e == 0 {
		n += int(binary.NativeEndian.Uint32(buf[:]))
	}
	if flags&atHandleMntIDUnique != 0 {
		id = 8
	}
	err = w.asSelf(func() error {
		if !w.mem.WriteMemory(w.ev.Arg(3), mount[:id]) || !w.mem.WriteMemory(addr, buf[:n]) {
			return unix.EFAULT
		}
		return nil
	})
	if err == nil && e != 0 {
		err = e
	}
	w.result(err)
}
