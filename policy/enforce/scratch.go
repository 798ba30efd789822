package enforce

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"unsafe"

	"strait/syscalls"
	"strait/tracer"

	"golang.org/x/sys/unix"
)

// A window is memory of the program that only the supervisor can write: pages of a
// sealed memfd, mapped to be read. What was judged is copied there, and the call
// is made with the copy, so that no other thread can change the words. It is
// shared by all that came of one execve; each call that is under way has a slot of
// its own. Directories on the way of a path can still be exchanged: that is why
// what rests on it is called checked, and why it is not used where calls can be
// performed.
type window struct {
	addr uint64
	mem  []byte // the same pages, here
	used int    // tasks that have it
	busy [slots]bool
}

const (
	windowFlags = unix.MFD_CLOEXEC | unix.MFD_ALLOW_SEALING
	slotSize    = 16384 // two paths and an address
	slots       = 64
)

func (w *window) slot() int {
	for i := range w.busy {
		if !w.busy[i] {
			w.busy[i] = true
			return i
		}
	}
	return -1
}

// leaveWindow gives the slot of a call back that is over.
func (t *task) leaveWindow() {
	if t.slot > 0 {
		t.window.busy[t.slot-1] = false
		t.slot = 0
	}
}

// openWindow gives a process its window. Right after an execve nobody shares its
// memory and its descriptors yet, so that nobody can get hold of the memfd before
// it is sealed. It returns false if the stop's call is to be judged later, when it
// comes again.
func (e *Enforcer) openWindow(s *tracer.Stop, t *task) bool {
	if !e.scratch || t.window != nil || t.noWindow != "" || s.Event.ABI.Name != nativeName {
		return true
	}
	if s.Task.Forks() != t.forks {
		t.noWindow = "it has made others since it was executed"
		return true
	}
	w, err := e.makeWindow(s, t)
	if err != nil {
		t.noWindow = err.Error()
		return false
	}
	t.takeWindow(w)
	return false
}

// takeWindow gives a task a window, nil: none.
func (t *task) takeWindow(w *window) {
	t.leaveWindow()
	if w != nil {
		w.used++
	}
	if old := t.window; old != nil {
		if old.used--; old.used == 0 {
			_ = unix.Munmap(old.mem) // it is a mapping of ours
		}
	}
	t.window = w
}

func (e *Enforcer) makeWindow(s *tracer.Stop, t *task) (*window, error) {
	name, err := t.someString()
	if err != nil {
		return nil, err
	}
	call := func(name string, args ...uint64) (int64, error) {
		var a [6]uint64
		copy(a[:], args)
		nr, _ := s.Event.ABI.Number(name)
		ret, err := s.Task.Inject(nr, a)
		if err == nil && ret < 0 && ret >= -4095 {
			err = fmt.Errorf("%s: %w", name, unix.Errno(-ret))
		}
		return ret, err
	}
	fd, err := call("memfd_create", name, windowFlags)
	if err != nil {
		return nil, err
	}
	mem, err := sealed(t.proc("fd/" + strconv.FormatInt(fd, 10)))
	if err != nil {
		return nil, err
	}
	mmap, off := "mmap", uint64(0)
	if _, ok := s.Event.ABI.Number("mmap2"); ok {
		mmap = "mmap2"
	}
	addr, err := call(mmap, 0, uint64(len(mem)), unix.PROT_READ, unix.MAP_SHARED, uint64(fd), off)
	if err != nil {
		return nil, err
	}
	if _, err := call("close", uint64(fd)); err != nil {
		return nil, err
	}
	return &window{addr: uint64(addr), mem: mem}, nil
}

// sealed maps a memfd, and then lets nobody else write to it.
func sealed(name string) ([]byte, error) {
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := f.Truncate(slots * slotSize); err != nil {
		return nil, err
	}
	mem, err := unix.Mmap(int(f.Fd()), 0, slots*slotSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("mmap: %w", err)
	}
	const seals = unix.F_SEAL_FUTURE_WRITE | unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_SEAL
	if _, err := unix.FcntlInt(f.Fd(), unix.F_ADD_SEALS, seals); err != nil { // before Linux 5.1
		return nil, fmt.Errorf("fcntl(F_ADD_SEALS): %w", err)
	}
	return mem, nil
}

// someString returns where a short string is in the memory of a new program: what
// it calls the memfd.
func (t *task) someString() (uint64, error) {
	b, err := os.ReadFile(t.proc("auxv"))
	if err != nil {
		return 0, err
	}
	const word = int(unsafe.Sizeof(uintptr(0)))
	for i := 0; i+2*word <= len(b); i += 2 * word {
		const platform, execfn = 15, 31 // AT_PLATFORM, AT_EXECFN; riscv64 has not the first
		if k := *(*uintptr)(unsafe.Pointer(&b[i])); k == platform || k == execfn {
			return uint64(*(*uintptr)(unsafe.Pointer(&b[i+word]))), nil
		}
	}
	return 0, errors.New("the program has no auxiliary vector")
}

// A copying is a call that is made with copies of its words.
type copying struct {
	win  *window
	slot int
	used int
	a    *tracer.Action
}

// put copies words to the slot, and has an argument point to them.
func (c *copying) put(arg int, words []byte) bool {
	at, ok := c.place(words)
	if ok {
		c.a.Mask |= 1 << arg
		c.a.Args[arg] = at
	}
	return ok
}

// place copies words to the slot, and returns where the program has them.
func (c *copying) place(words []byte) (uint64, bool) {
	if c.used+len(words) > slotSize {
		return 0, false
	}
	off := c.slot*slotSize + c.used
	copy(c.win.mem[off:], words)
	c.used += (len(words) + 15) &^ 15
	return c.win.addr + uint64(off), true
}

// withCopies has an allowed call be made with copies of what was judged, as far as
// that lies in memory. It returns why the call cannot be made so.
func (e *Enforcer) withCopies(ev *syscalls.Event, t *task, a *tracer.Action) (why string) {
	if t.window == nil || !wordy(ev) {
		return ""
	}
	slot := t.window.slot()
	if slot < 0 {
		return "too many calls are under way"
	}
	c := copying{win: t.window, slot: slot, a: a}
	if why := c.copyAll(ev, &e.snap); why != "" {
		t.window.busy[slot] = false
		return why
	}
	t.slot, a.NoExit = slot+1, false
	return ""
}

// copyAll copies all that a call names.
func (c *copying) copyAll(ev *syscalls.Event, mem *snapshot) string {
	switch ev.Call.Name {
	case "connect", "bind":
		return c.address(ev, mem, 1, int32(ev.Arg(2)))
	case "sendto":
		return c.address(ev, mem, 4, int32(ev.Arg(5)))
	case "sendmsg":
		return c.header(ev, mem)
	case "sendmmsg":
		return "it writes to what would have to be a copy"
	case "openat2":
		how := make([]byte, min(ev.Arg(3), 4096))
		if mem.ReadMemory(ev.Arg(2), how) != len(how) || !c.put(2, how) {
			return "its words cannot be copied"
		}
	}
	for i := range ev.Call.Effects {
		arg := int(ev.Call.Effects[i].Arg)
		if arg < 0 || c.a.Mask&(1<<arg) != 0 || !isPath(ev, arg) {
			continue
		}
		words, ok := wordsOf(ev, arg)
		if !ok {
			continue // a null pointer, or one that the kernel cannot read either
		}
		if !c.put(arg, append([]byte(words), 0)) {
			return "its words cannot be copied"
		}
	}
	return ""
}

// address copies an address.
func (c *copying) address(ev *syscalls.Event, mem *snapshot, arg int, size int32) string {
	if ev.Arg(arg) == 0 || size <= 0 || size > addressMost {
		return "" // it fails, or has none
	}
	b := make([]byte, size)
	if mem.ReadMemory(ev.Arg(arg), b) != len(b) || !c.put(arg, b) {
		return "its words cannot be copied"
	}
	return ""
}

// header copies the header of a message and its address.
func (c *copying) header(ev *syscalls.Event, mem *snapshot) string {
	var h msghdr
	b := unsafe.Slice((*byte)(unsafe.Pointer(&h)), unsafe.Sizeof(h))
	if mem.ReadMemory(ev.Arg(1), b) != len(b) {
		return "" // EFAULT
	}
	if h.name != 0 && h.namelen > 0 {
		name := make([]byte, min(h.namelen, addressMost))
		if mem.ReadMemory(uint64(h.name), name) != len(name) {
			return "its words cannot be copied"
		}
		at, ok := c.place(name)
		if !ok {
			return "its words cannot be copied"
		}
		h.name = uintptr(at)
	}
	if !c.put(1, b) {
		return "its words cannot be copied"
	}
	return ""
}

// wordy reports whether what a call is about lies in memory.
func wordy(ev *syscalls.Event) bool {
	if ev.Call == nil || isExec(ev) || ev.ABI.Name != nativeName {
		return false
	}
	for i := range ev.Call.Effects {
		switch e := &ev.Call.Effects[i]; e.Name {
		case "net.connect", "net.bind", "net.send":
			return true
		default:
			if e.Arg >= 0 && strings.HasPrefix(e.Name, "fs.") && isPath(ev, int(e.Arg)) {
				return true
			}
		}
	}
	return false
}

// isPath reports whether an argument is a path.
func isPath(ev *syscalls.Event, arg int) bool {
	k := ev.ABI.ArgKind(ev.Call, arg)
	return k != syscalls.FD && k != syscalls.DirFD
}

// windowCalls are the calls that could put something else in a window's place.
// Of mmap only MAP_FIXED: see traps.
var windowCalls = [...]string{"munmap", "mremap", "mprotect", "pkey_mprotect", "madvise", "remap_file_pages", "shmat"}

// touches reports whether a call would change a window.
func (w *window) touches(ev *syscalls.Event) bool {
	over := func(addr, size uint64) bool {
		page := uint64(os.Getpagesize() - 1)
		end := (addr + size + page) &^ page
		return addr&^page < w.addr+slots*slotSize && (end > w.addr || end < addr)
	}
	a := &ev.Args
	switch callName(ev) {
	case "mmap", "mmap2":
		return a[3]&unix.MAP_FIXED != 0 && over(a[0], a[1])
	case "munmap", "mprotect", "pkey_mprotect", "madvise", "remap_file_pages":
		return over(a[0], a[1])
	case "mremap":
		return over(a[0], a[1]) || a[3]&unix.MREMAP_FIXED != 0 && over(a[4], a[2])
	case "shmat":
		const remap = 0o40000 // SHM_REMAP; how long it is, nobody knows
		return uint32(a[2])&remap != 0
	}
	return false
}
