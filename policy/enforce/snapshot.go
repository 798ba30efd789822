package enforce

import (
	"os"
	"strconv"
	"syscall"
	"unsafe"

	"strait/syscalls"

	"golang.org/x/sys/unix"
)

// A snapshot is the memory of a thread as it was when it was first looked at in a
// call: every page is read once, so that what is judged is what is done, whatever
// the program writes meanwhile. It implements [syscalls.Tracee].
type snapshot struct {
	tid   int
	pages []snapPage
	used  int
}

var _ syscalls.Tracee = (*snapshot)(nil)

const (
	snapPageSize = 4096
	snapMost     = 300 // pages of one call: a megabyte, and some
)

type snapPage struct {
	addr uint64
	ok   bool
	data [snapPageSize]byte
}

// as forgets everything, for the next call.
func (s *snapshot) as(tid int) {
	s.tid, s.used = tid, 0
	if len(s.pages) > 16 {
		s.pages = s.pages[:16:16]
	}
}

// ReadMemory implements [syscalls.Tracee].
func (s *snapshot) ReadMemory(addr uint64, p []byte) int {
	done := 0
	for done < len(p) {
		at := addr + uint64(done)
		off := at % snapPageSize
		g := s.page(at - off)
		if at < addr || g == nil || !g.ok {
			break
		}
		done += copy(p[done:], g.data[off:])
	}
	return done
}

func (s *snapshot) page(addr uint64) *snapPage {
	for i := range s.used {
		if s.pages[i].addr == addr {
			return &s.pages[i]
		}
	}
	if s.used == snapMost {
		return nil
	}
	if s.used == len(s.pages) {
		s.pages = append(s.pages, snapPage{})
	}
	g := &s.pages[s.used]
	s.used++
	g.addr = addr
	g.ok = s.read(addr, g.data[:])
	return g
}

// read fills b by process_vm_readv, or from /proc/TID/mem where that is forbidden.
func (s *snapshot) read(addr uint64, b []byte) bool {
	if uint64(uintptr(addr)) != addr {
		return false
	}
	n, e := vmCall(unix.SYS_PROCESS_VM_READV, s.tid, addr, b)
	if e == 0 || e != unix.EPERM && e != unix.ENOSYS {
		return e == 0 && n == len(b)
	}
	f, err := os.Open("/proc/" + strconv.Itoa(s.tid) + "/mem")
	if err != nil {
		return false
	}
	defer f.Close()
	n, _ = f.ReadAt(b, int64(addr))
	return n == len(b)
}

// readBulk reads what nobody judges, directly; but what was looked at already is as
// it was then.
func (s *snapshot) readBulk(addr uint64, p []byte) int {
	if len(p) <= snapPageSize {
		return s.ReadMemory(addr, p)
	}
	if uint64(uintptr(addr)) != addr {
		return 0
	}
	n, e := vmCall(unix.SYS_PROCESS_VM_READV, s.tid, addr, p)
	if e != 0 || n != len(p) {
		return 0
	}
	for i := range s.used {
		g := &s.pages[i]
		if !g.ok || g.addr+snapPageSize <= addr || g.addr >= addr+uint64(len(p)) {
			continue
		}
		if g.addr < addr {
			copy(p, g.data[addr-g.addr:])
		} else {
			copy(p[g.addr-addr:], g.data[:])
		}
	}
	return n
}

// WriteMemory writes what a call gives back. What the program could not write
// itself is not written.
func (s *snapshot) WriteMemory(addr uint64, b []byte) bool {
	if len(b) == 0 {
		return true
	}
	if uint64(uintptr(addr)) != addr {
		return false
	}
	n, e := vmCall(unix.SYS_PROCESS_VM_WRITEV, s.tid, addr, b)
	return e == 0 && n == len(b)
}

// vmCall is process_vm_readv or process_vm_writev of one piece.
func vmCall(call uintptr, tid int, addr uint64, b []byte) (int, syscall.Errno) {
	local := unix.Iovec{Base: &b[0]}
	local.SetLen(len(b))
	remote := unix.RemoteIovec{Base: uintptr(addr), Len: len(b)}
	n, _, e := unix.Syscall6(call, uintptr(tid), uintptr(unsafe.Pointer(&local)), 1, uintptr(unsafe.Pointer(&remote)), 1, 0)
	return int(n), e
}

// AppendFD implements [syscalls.Tracee].
func (s *snapshot) AppendFD(dst []byte, fd int32) []byte {
	if fd < 0 && fd != unix.AT_FDCWD {
		return dst
	}
	name := "/proc/" + strconv.Itoa(s.tid)
	if fd == unix.AT_FDCWD {
		name += "/cwd"
	} else {
		name += "/fd/" + strconv.Itoa(int(fd))
	}
	var buf [4096]byte
	n, err := unix.Readlink(name, buf[:])
	if err != nil {
		return dst
	}
	return append(dst, buf[:n]...)
}

// AppendPID implements [syscalls.Tracee].
func (s *snapshot) AppendPID(dst []byte, _ syscalls.Kind, _ int32) []byte { return dst }
