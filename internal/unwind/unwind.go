package unwind

import (
	"bytes"
	"cmp"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// DefaultLimit is the number of frames strace prints when not told otherwise.
const DefaultLimit = 256

// Process is a stopped task.
type Process interface {
	// PID is the id of the process, the thread group's: what /proc and the
	// caches go by.
	PID() int
	// ReadMemory fills p from the process's memory at addr and returns how many
	// bytes it got: fewer than len(p) when a page on the way is not readable.
	ReadMemory(addr uint64, p []byte) int
	// Registers returns the registers of the stopped task.
	Registers() (Registers, error)
	// Maps returns the text of /proc/PID/maps. It is read during the call only.
	Maps() ([]byte, error)
}

// Unwinder makes stack traces. Its zero value is ready. It is for one
// goroutine, and keeps files open until [Unwinder.Close].
type Unwinder struct {
	// DebugRoot is where separate debug files are, by build id and by path;
	// empty means /usr/lib/debug.
	DebugRoot string

	spaces  map[int][]mapping
	modules []*module
	vdso    map[string]*module
	clock   uint64
	walker  walker
}

const (
	maxModules = 64
	maxVDSOs   = 8
	maxVDSO    = 256 << 10
)

// Invalidate forgets what is mapped where in process pid. It is due when that
// may have changed (mmap, munmap, mprotect, mremap, shmat, shmdt, brk, exec)
// and when the process is gone.
func (u *Unwinder) Invalidate(pid int) { delete(u.spaces, pid) }

// Close closes the files that were kept open and forgets everything.
func (u *Unwinder) Close() {
	for _, m := range u.modules {
		m.close()
	}
	*u = Unwinder{DebugRoot: u.DebugRoot}
}

// Frames returns the stack of p, innermost function first, of at most limit
// frames ([DefaultLimit] if limit is not positive); if there are more, a frame
// of kind [Truncated] follows. With source, frames have file and line where
// debug information knows them. A process whose registers cannot be read has
// no frames.
func (u *Unwinder) Frames(p Process, limit int, source bool) []Frame {
	if limit <= 0 {
		limit = DefaultLimit
	}
	regs, err := p.Registers()
	if err != nil {
		return nil
	}
	w := &u.walker
	w.start(u, p, regs)
	var frames []Frame
	for w.regs.PC != 0 {
		if len(frames) == limit {
			return append(frames, Frame{Kind: Truncated})
		}
		mp := w.mapping(w.regs.PC)
		if mp == nil || mp.name == "" {
			return append(frames, Frame{Kind: Lost, PC: w.regs.PC})
		}
		frames = append(frames, w.frame(mp, source))
		if !w.caller(mp) {
			break
		}
	}
	return frames
}

// walker is the state of one trace.
type walker struct {
	u     *Unwinder
	p     Process
	maps  []mapping
	fresh bool // maps were read for this trace
	mem   memory
	eval  evaluator
	sig   sigFrame
	regs  Registers
	exact bool // the program counter is at, not behind, an instruction
}

func (w *walker) start(u *Unwinder, p Process, regs Registers) {
	if w.u == nil || w.regs.Arch != regs.Arch {
		w.sig = sigFrameOf(regs.Arch)
	}
	w.u, w.p, w.exact = u, p, true
	w.set(regs)
	w.mem.reset(p)
	var known bool
	w.maps, known = u.spaces[p.PID()]
	w.fresh = false
	if !known {
		w.readMaps()
	}
}

// set makes regs the current frame's. Where calls push the return address its
// made-up register stands for the program counter: PLT entries compute with it.
func (w *walker) set(regs Registers) {
	w.regs = regs
	if facts := regs.Arch.facts(); !facts.link {
		w.regs.R[facts.ra] = regs.PC
	}
}

func (w *walker) readMaps() {
	w.fresh = true
	text, err := w.p.Maps()
	if err != nil || len(text) > maxMapText {
		text = nil
	}
	w.maps = parseMaps(text)
	if w.u.spaces == nil {
		w.u.spaces = map[int][]mapping{}
	}
	w.u.spaces[w.p.PID()] = w.maps
}

// mapping returns the executable mapping at pc, or nil. Before it says that
// there is none it looks again: a process that shares memory may have mapped.
func (w *walker) mapping(pc uint64) *mapping {
	mp := mappingAt(w.maps, pc)
	if mp == nil && !w.fresh {
		w.readMaps()
		mp = mappingAt(w.maps, pc)
	}
	return mp
}

// lookup is the address tables are asked about: a return address may be the
// first of another function, the call before it is not.
func (w *walker) lookup() uint64 {
	if w.exact {
		return w.regs.PC
	}
	return w.regs.PC - 1
}

// frame describes the current one.
func (w *walker) frame(mp *mapping, source bool) Frame {
	pc := w.regs.PC
	f := Frame{PC: pc, Module: mp.name, Offset: pc - mp.start + mp.offset}
	mod, bias, ok := w.module(mp)
	if !ok {
		return f
	}
	at := w.lookup()
	l := mod.function(at - bias)
	if f.Symbol = l.name; l.name != "" {
		f.SymbolOffset = l.offset + pc - at
	}
	if source {
		f.File, f.Line = mod.line(at - bias)
	}
	return f
}

// caller makes the calling function's frame the current one.
func (w *walker) caller(mp *mapping) bool {
	innermost := w.exact
	if w.regs.Arch.facts().link && w.atSignalReturn() {
		return w.interrupted() // the vDSO's call frame information is no help there
	}
	if mod, bias, ok := w.module(mp); ok {
		if s, ok := mod.step(w.lookup()-bias, w.regs.Arch, w.atSignalReturn); ok {
			return w.apply(s)
		}
	}
	if w.atSignalReturn() {
		return w.interrupted()
	}
	return innermost && w.leaf() || w.framePointer()
}

// module returns what is mapped at mp, and the bias of its addresses.
func (w *walker) module(mp *mapping) (*module, uint64, bool) {
	if !mp.sought {
		mp.sought = true
		switch {
		case mp.name == "[vdso]":
			mp.mod = w.readVDSO(mp)
		case strings.HasPrefix(mp.name, "/"):
			mp.mod = w.u.load(w.p.PID(), mp)
		}
	}
	if mp.mod == nil {
		return nil, 0, false
	}
	w.u.clock++
	mp.mod.used = w.u.clock
	bias, ok := mp.mod.bias(mp)
	return mp.mod, bias, ok
}

// readVDSO reads an image from memory: it is no file. All processes of one
// instruction set have the same.
func (w *walker) readVDSO(mp *mapping) *module {
	if mp.end-mp.start > maxVDSO {
		return nil
	}
	image := make([]byte, mp.end-mp.start)
	if !w.mem.read(mp.start, image) {
		return nil
	}
	if m, ok := w.u.vdso[string(image)]; ok {
		return m
	}
	if w.u.vdso == nil || len(w.u.vdso) >= maxVDSOs {
		w.u.vdso = map[string]*module{}
	}
	m := newModule(bytes.NewReader(image), mp.name)
	w.u.vdso[string(image)] = m
	return m
}

// load finds the file behind a mapping and returns its module: by its name as
// we and as the process see it, if the inode is the mapped one; by the links
// of /proc that survive its removal; and by its name after all, for file
// systems whose inode numbers differ from those the kernel shows in maps.
func (u *Unwinder) load(pid int, mp *mapping) *module {
	proc := filepath.Join("/proc", strconv.Itoa(pid))
	seen := filepath.Join(proc, "root", mp.name)
	for _, try := range []struct {
		path string
		any  bool
	}{
		{mp.name, false},
		{seen, false},
		{filepath.Join(proc, "map_files", mp.span), true},
		{filepath.Join(proc, "exe"), false},
		{seen, true},
		{mp.name, true},
	} {
		info, err := os.Stat(try.path)
		if err != nil || !info.Mode().IsRegular() || !try.any && inode(info) != mp.inode {
			continue
		}
		return u.open(try.path, mp.name, info)
	}
	return nil
}

// open returns the module of the file at path, which info is of.
func (u *Unwinder) open(path, name string, info os.FileInfo) *module {
	for _, m := range u.modules {
		if os.SameFile(m.info, info) && m.info.ModTime().Equal(info.ModTime()) && m.info.Size() == info.Size() {
			return m
		}
	}
	file := openRegular(path)
	if file == nil {
		return nil
	}
	m := newModule(file, strings.TrimSuffix(name, " (deleted)"))
	if m == nil {
		_ = file.Close()
		return nil
	}
	m.info, m.file, m.debugRoot = info, file, cmp.Or(u.DebugRoot, debugRoot)
	u.drop()
	u.modules = append(u.modules, m)
	return m
}

// drop forgets the module not used for longest when there are too many.
func (u *Unwinder) drop() {
	if len(u.modules) < maxModules {
		return
	}
	oldest := 0
	for i, m := range u.modules {
		if m.used < u.modules[oldest].used {
			oldest = i
		}
	}
	gone := u.modules[oldest]
	gone.close()
	u.modules = append(u.modules[:oldest], u.modules[oldest+1:]...)
	clear(u.spaces) // mappings point at it
}
