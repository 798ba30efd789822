package main

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ignoredSignals are the signals that were ignored when this process began: bit
// n-1 is signal n. The program is to begin with the same. But the Go runtime puts
// its handlers in their place before any code of ours runs (runtime.initsig), and
// only it knows what was there: it keeps that in a variable that no package can
// name (runtime.fwdSig). So the variable is found as a debugger would, by the
// symbol table of our executable; without one, no more is known than what is
// still ignored.
func ignoredSignals() uint64 {
	set := stillIgnored()
	saved := inheritedHandlers()
	for sig, handler := range saved {
		if sig > 0 && handler == sigIgnore {
			set |= 1 << (sig - 1)
		}
	}
	return set
}

const sigIgnore = 1 // SIG_IGN

// stillIgnored are the signals that the runtime left ignored.
func stillIgnored() (set uint64) {
	for sig := 1; sig <= 64; sig++ {
		var act sigaction
		if act.get(sig) && act.handler == sigIgnore {
			set |= 1 << (sig - 1)
		}
	}
	return set
}

// inheritedHandlers returns the runtime's record by signal number, nil if it
// cannot be found or is not what it is known to be.
func inheritedHandlers() []uintptr {
	file, err := os.Open("/proc/self/exe")
	if err != nil {
		return nil
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil
	}
	data, err := unix.Mmap(int(file.Fd()), 0, int(info.Size()), unix.PROT_READ, unix.MAP_PRIVATE)
	if err != nil {
		return nil
	}
	defer func() { _ = unix.Munmap(data) }()
	const signals = 65
	table := symbols(data)
	record := table.find("runtime.fwdSig")
	if record.Size != signals*8 {
		return nil
	}
	at := uintptr(record.Value)
	if table.movable {
		// By what it was moved shows in a variable that can be named.
		known := table.find("os.Args")
		if known.Value == 0 {
			return nil
		}
		at += uintptr(unsafe.Pointer(&os.Args)) - uintptr(known.Value)
	}
	return unsafe.Slice((*uintptr)(*(*unsafe.Pointer)(unsafe.Pointer(&at))), signals)
}

// A symbolTable is that of a 64-bit executable, as it stands in the file.
type symbolTable struct {
	order          binary.ByteOrder
	names, entries []byte
	movable        bool // the executable need not be where the values say
}

// symbols returns the symbol table of an executable; an empty one if it has none.
func symbols(data []byte) (t symbolTable) {
	f, err := elf.NewFile(bytes.NewReader(data))
	if err != nil || f.Class != elf.ELFCLASS64 {
		return t
	}
	part := func(s *elf.Section) []byte {
		if s.Offset > uint64(len(data)) || s.Size > uint64(len(data))-s.Offset {
			return nil
		}
		return data[s.Offset:][:s.Size]
	}
	if s := f.Section(".symtab"); s != nil && int(s.Link) < len(f.Sections) {
		t = symbolTable{f.ByteOrder, part(f.Sections[s.Link]), part(s), f.Type != elf.ET_EXEC}
	}
	return t
}

// find returns a symbol; the zero one if there is none of that name.
func (t *symbolTable) find(name string) (s elf.Sym64) {
	at := bytes.Index(t.names, []byte("\x00"+name+"\x00"))
	if at < 0 {
		return s
	}
	// An entry begins with where its name is. A search for that is faster than
	// a look at every entry: this is on the way of every start.
	var begin [4]byte
	t.order.PutUint32(begin[:], uint32(at+1))
	for i := 0; ; i++ {
		n := bytes.Index(t.entries[i:], begin[:])
		if n < 0 {
			return s
		}
		i += n
		if i%elf.Sym64Size == 0 && len(t.entries) >= i+elf.Sym64Size {
			s.Value, s.Size = t.order.Uint64(t.entries[i+8:]), t.order.Uint64(t.entries[i+16:])
			return s
		}
	}
}

// defaultSignals gives back their default action to signals which the Go runtime
// catches and ignores, where a C program would end by them: but SIGALRM, which strace
// takes for that of its own timer.
func defaultSignals(ignored uint64) {
	for _, sig := range []unix.Signal{
		unix.SIGUSR1, unix.SIGUSR2, unix.SIGVTALRM, unix.SIGIO, unix.SIGPWR, unix.SIGXCPU, unix.SIGXFSZ,
	} {
		if ignored>>(sig-1)&1 == 0 {
			setDefault(int(sig))
		} else {
			setIgnored(int(sig))
		}
	}
}
