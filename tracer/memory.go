package tracer

import (
	"encoding/binary"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The unit of reading and remembering. The kernel's pages are this large or a
// multiple of it, so that all of one can be read or nothing.
const (
	pageSize  = 4096
	pagesKept = 8
	bulkPages = 64 // of one request
)

// memory reads the memory of tasks. What it read stays known within one stop;
// after that the program may have changed it.
type memory struct {
	pages  [pagesKept]page
	used   int
	next   int
	local  localIovec
	remote [bulkPages]remoteIovec
	noVM   bool // process_vm_readv is missing, or forbidden
}

type page struct {
	pid  int
	addr uint64
	ok   bool
	data [pageSize]byte
}

type localIovec struct {
	base unsafe.Pointer
	len  uintptr
}

// remoteIovec is a struct iovec about another process: its base is no pointer of
// ours.
type remoteIovec struct{ base, len uintptr }

// forget makes what was read unknown.
func (m *memory) forget() { m.used, m.next = 0, 0 }

// ReadMemory implements [syscalls.Tracee].
func (k *Task) ReadMemory(addr uint64, p []byte) int {
	m := &k.t.mem
	done := 0
	for done < len(p) {
		at := addr + uint64(done)
		if at < addr { // past the end of all memory
			break
		}
		off := int(at % pageSize)
		if off == 0 && len(p)-done >= pageSize {
			n := k.readPages(at, p[done:])
			done += n
			if n == 0 {
				break
			}
			continue
		}
		g := m.page(k, at-uint64(off))
		if !g.ok {
			break
		}
		done += copy(p[done:], g.data[off:])
	}
	return done
}

// page returns the page at addr, read unless it is known.
func (m *memory) page(k *Task, addr uint64) *page {
	for i := range m.used {
		if g := &m.pages[i]; g.addr == addr && g.pid == k.proc.pid {
			return g
		}
	}
	g := &m.pages[m.next]
	m.next = (m.next + 1) % pagesKept
	m.used = min(m.used+1, pagesKept)
	g.pid, g.addr = k.proc.pid, addr
	g.ok = m.read(k, addr, g.data[:]) == pageSize
	return g
}

// readPages reads whole pages, as many as fit p and can be read.
func (k *Task) readPages(addr uint64, p []byte) int {
	n := min(len(p)/pageSize, bulkPages) * pageSize
	return k.t.mem.read(k, addr, p[:n])
}

// read reads whole pages in the first way that works, and returns how many
// bytes it got, a multiple of the page size.
func (m *memory) read(k *Task, addr uint64, p []byte) int {
	if k.state == gone || uint64(uintptr(addr)) != addr {
		return 0
	}
	if !m.noVM {
		n, e := m.readVM(k.tid, addr, p)
		if e != unix.EPERM && e != unix.ENOSYS {
			return n - n%pageSize
		}
		m.noVM = e == unix.ENOSYS
	}
	if n, ok := k.proc.readFile(k.tid, addr, p); ok {
		return n - n%pageSize
	}
	return peek(k.tid, addr, p)
}

// readVM is process_vm_readv, an iovec a page: it transfers whole ones.
func (m *memory) readVM(tid int, addr uint64, p []byte) (int, syscall.Errno) {
	m.local = localIovec{unsafe.Pointer(&p[0]), uintptr(len(p))}
	pages := len(p) / pageSize
	for i := range pages {
		m.remote[i] = remoteIovec{uintptr(addr) + uintptr(i)*pageSize, pageSize}
	}
	n, _, e := syscall.RawSyscall6(unix.SYS_PROCESS_VM_READV, uintptr(tid),
		uintptr(unsafe.Pointer(&m.local)), 1, uintptr(unsafe.Pointer(&m.remote)), uintptr(pages), 0)
	m.local.base = nil
	if e != 0 {
		return 0, e
	}
	return int(n), 0
}

// readFile reads /proc/PID/mem, opened when first needed. Unlike the calls of
// the program itself it does not heed what mprotect took away.
func (p *process) readFile(tid int, addr uint64, b []byte) (n int, ok bool) {
	if !p.openMemory(tid) {
		return 0, false
	}
	n, err := unix.Pread(p.mem, b, int64(addr))
	return max(n, 0), err != unix.EPERM
}

func (p *process) openMemory(tid int) bool {
	if p.noFile {
		return false
	}
	if p.mem < 0 {
		fd, err := unix.Open(procPath(tid, "mem"), unix.O_RDWR|unix.O_CLOEXEC, 0)
		if err != nil {
			p.noFile = true
			return false
		}
		p.mem = fd
	}
	return true
}

func (p *process) closeMemory() {
	if p.mem >= 0 {
		unix.Close(p.mem)
		p.mem = -1
	}
}

const wordSize = int(unsafe.Sizeof(uintptr(0)))

// peek reads word by word: it works wherever ptrace does. The raw request
// stores the word where data points to.
func peek(tid int, addr uint64, p []byte) int {
	var w uintptr
	for n := 0; n < len(p); n += wordSize {
		if e := ptracePtr(unix.PTRACE_PEEKDATA, tid, uintptr(addr)+uintptr(n), unsafe.Pointer(&w)); e != 0 {
			return n
		}
		*(*uintptr)(unsafe.Pointer(&p[n])) = w
	}
	return len(p)
}

// WriteMemory writes p at addr of the task's memory and returns how many bytes
// it wrote. Like a debugger it also writes where the program itself may not.
func (k *Task) WriteMemory(addr uint64, p []byte) int {
	k.t.mem.forget()
	if k.state == gone || len(p) == 0 || uint64(uintptr(addr)) != addr {
		return 0
	}
	if k.proc.openMemory(k.tid) {
		n, err := unix.Pwrite(k.proc.mem, p, int64(addr))
		if err != unix.EPERM {
			return max(n, 0)
		}
	}
	return poke(k.tid, addr, p)
}

// poke writes word by word; the first and the last word keep what of them is not
// in p.
func poke(tid int, addr uint64, p []byte) int {
	var buf [8]byte
	word := buf[:wordSize]
	for n := 0; n < len(p); {
		off := int(addr % uint64(wordSize))
		at := uintptr(addr) - uintptr(off)
		if e := ptracePtr(unix.PTRACE_PEEKDATA, tid, at, unsafe.Pointer(&buf)); e != 0 {
			return n
		}
		c := copy(word[off:], p[n:])
		if e := ptrace(unix.PTRACE_POKEDATA, tid, at, nativeWord(word)); e != 0 {
			return n
		}
		n, addr = n+c, addr+uint64(c)
	}
	return len(p)
}

func nativeWord(b []byte) uintptr {
	if wordSize == 8 {
		return uintptr(binary.NativeEndian.Uint64(b))
	}
	return uintptr(binary.NativeEndian.Uint32(b))
}
