package enforce

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"strait/policy"
	"strait/syscalls"
	"strait/tracer"

	"golang.org/x/sys/unix"
)

// pending is an execve that was allowed: which program is to come of it.
type pending struct {
	next   string // profile; "": the same
	exe    fileID
	loader string // path of the ELF interpreter, "": none, or not known
	unread bool   // the file could not be read: nothing is known of its interpreters
	gains  bool   // it is to get privileges that its caller has not
	script bool   // it is a script: which one, the program that runs does not tell
	words  string // what its interpreter is told to run
}

// privileged reports whether the program of a descriptor has privileges that its
// caller has not.
func (t *task) privileged(p *place) bool {
	who, err := t.identity()
	if err != nil || who == nil || p.stat.Mode&unix.S_IFMT != unix.S_IFREG {
		return false
	}
	mode := p.stat.Mode
	const runByGroup = 0o10
	_, err = unix.Getxattr(self(p.fd), "security.capability", nil)
	return mode&unix.S_ISUID != 0 && p.stat.Uid != who.uids[1] ||
		mode&unix.S_ISGID != 0 && mode&runByGroup != 0 && p.stat.Gid != who.gids[1] || err == nil
}

// noNewPrivs reports whether execve gives a thread no privileges.
func (t *task) noNewPrivs() bool {
	b, err := os.ReadFile(t.proc("status"))
	return err == nil && strings.Contains(string(b), "\nNoNewPrivs:\t1")
}

// A fileID names a file on this machine.
type fileID struct {
	dev, ino uint64
}

func isExec(ev *syscalls.Event) bool {
	return ev.Call != nil && (ev.Call.Name == "execve" || ev.Call.Name == "execveat")
}

// maxScripts is how many scripts an execve goes through (exec_binprm, fs/exec.c).
const maxScripts = 5

// judgeExec judges what an execve will bring besides the file it names: the
// interpreters of scripts, which are executed, and of programs, which are read.
// It remembers what is to come, and returns all pairs.
func (e *Enforcer) judgeExec(t *task, ev *syscalls.Event, profile string, pairs []policy.Pair, v *policy.Verdict) []policy.Pair {
	j := &e.loop
	x := &pending{}
	p, ok := j.takeExec()
	if ok && p.fd < 0 && v.Action.Kind != policy.Kill {
		// Who searches $PATH needs to hear that. Should there be a file after
		// all by now, it is not the one that was judged.
		v.Action, v.Why, v.Rule, v.Next = policy.Action{}, "there is no such file for it", nil, ""
	}
	j.scripts(x, ev, profile, &p, v)
	if !runs(v.Action.Kind) && v.Action.Kind != policy.Ask && !e.opt.Permissive {
		p.close()
		return pairs
	}
	for range maxScripts {
		if p.fd < 0 {
			break // execve fails by itself
		}
		x.exe = fileID{p.stat.Dev, p.stat.Ino}
		x.gains = t.privileged(&p) // the last one's count: a script's do not (execve(2))
		script, loader, read := interpreters(p.fd)
		x.unread = !read
		p.close()
		if script == "" {
			j.loader(x, loader, profile, v)
			break
		}
		p = j.res.walk(unix.AT_FDCWD, script, want{follow: true})
		q := policy.Pair{Effect: "exec", Path: p.path, Known: p.path != "", Arg: -1, Dir: -1}
		pairs = append(pairs, q)
		*v = severest(*v, j.decide(profile, ev, pairs[len(pairs)-1:]))
	}
	p.close()
	x.next = v.Next
	t.exec = x
	v.Level = min(v.Level, policy.LevelTracer) // what comes of it is verified
	if x.gains && runs(v.Action.Kind) && t.noNewPrivs() {
		e.out.warn(t, ev, v, "it is to get other ids or capabilities, and does not: no_new_privs is set")
	}
	return pairs
}

// scripts remembers what a script is called. Its interpreter opens it once more, by
// the words: if these lead through links, then to whatever is behind them by that
// time, under the rights of the profile. So the way to another profile is by the
// script's own name only.
func (j *judge) scripts(x *pending, ev *syscalls.Event, profile string, p *place, v *policy.Verdict) {
	if p.fd < 0 {
		return
	}
	interpreter, _, _ := interpreters(p.fd)
	if x.script = interpreter != ""; !x.script {
		return
	}
	x.words = execName(ev)
	if runs(v.Action.Kind) && v.Next != "" && v.Next != profile && x.words != p.path {
		v.Action, v.Rule, v.Next = refusal, nil, ""
		v.Why = "a script that leads to another profile must be called by its own name, without links: " + p.path
	}
}

// execName returns what the kernel calls the file of an execve in the new program
// (do_open_execat and alloc_bprm, fs/exec.c).
func execName(ev *syscalls.Event) string {
	words, dirfd, _, _ := execWords(ev)
	switch {
	case dirfd == unix.AT_FDCWD || strings.HasPrefix(words, "/"):
		return words
	case words == "":
		return "/dev/fd/" + strconv.Itoa(int(dirfd))
	}
	return "/dev/fd/" + strconv.Itoa(int(dirfd)) + "/" + words
}

// atExecFn is AT_EXECFN (include/uapi/linux/auxvec.h).
const atExecFn = 31

// nameGiven reads what the new program was called at its execve: the kernel's copy of
// the words (AT_EXECFN, getauxval(3)).
func nameGiven(k *tracer.Task) (string, bool) {
	const size = int(unsafe.Sizeof(uintptr(0)))
	b, err := os.ReadFile("/proc/" + strconv.Itoa(k.TID()) + "/auxv")
	if err != nil {
		return "", false
	}
	for ; len(b) >= 2*size; b = b[2*size:] {
		if native(b) != atExecFn {
			continue
		}
		text := make([]byte, unix.PathMax)
		n := k.ReadMemory(native(b[size:]), text)
		name, _, ended := bytes.Cut(text[:n], []byte{0})
		return string(name), ended
	}
	return "", false
}

// native reads a word of this machine's size.
func native(b []byte) uint64 {
	if unsafe.Sizeof(uintptr(0)) == 4 {
		return uint64(binary.NativeEndian.Uint32(b))
	}
	return binary.NativeEndian.Uint64(b)
}

// loader judges the ELF interpreter of a program: it is read, as a library is.
func (j *judge) loader(x *pending, path, profile string, v *policy.Verdict) {
	if path == "" {
		return
	}
	p := j.res.walk(unix.AT_FDCWD, path, want{follow: true})
	defer p.close()
	x.loader = p.path
	q := policy.Pair{Effect: "fs.read", Path: p.path, Known: p.path != "", Arg: -1, Dir: -1}
	got := j.aside(profile, "openat", q)
	j.e.out.observed(&j.side, []policy.Pair{q}, got)
	if runs(got.Action.Kind) {
		return
	}
	// Who may execute it may read it for this.
	if w := j.aside(profile, "execve", policy.Pair{Effect: "exec", Path: p.path, Known: p.path != "", Arg: -1, Dir: -1}); runs(w.Action.Kind) {
		return
	}
	*v = severest(*v, got)
}

// severest returns the severer of two verdicts; of two alike the first, with the
// profile that either of them leads to.
func severest(a, b policy.Verdict) policy.Verdict {
	if a.Next == "" {
		a.Next = b.Next
	}
	if b.Action.Kind > a.Action.Kind {
		b.Next = ""
		return b
	}
	return a
}

// findExec walks to the file of an execve before it is judged, so that what is
// judged is what is remembered, wherever the words lead a moment later.
func (j *judge) findExec(ev *syscalls.Event) {
	words, dirfd, follow, ok := execWords(ev)
	if !ok {
		return
	}
	arg := 0
	if ev.Call.Name == "execveat" {
		arg = 1
	}
	j.res.operands = append(j.res.operands[:0], operand{arg: arg, from: -1, place: j.object(words, dirfd, follow)})
}

// takeExec returns the file that findExec has found; it is the caller's to close.
func (j *judge) takeExec() (p place, ok bool) {
	if len(j.res.operands) == 0 {
		return place{fd: -1, dir: -1, err: unix.EFAULT}, false
	}
	p = j.res.operands[0].place
	j.res.operands = j.res.operands[:0]
	return p, true
}

// object walks to the file of an execve.
func (j *judge) object(words string, dirfd int32, follow bool) place {
	if words == "" {
		return j.res.descriptorPlace(dirfd)
	}
	return j.res.walk(dirfd, words, want{follow: follow})
}

// execWords returns the file that an execve names.
func execWords(ev *syscalls.Event) (words string, dirfd int32, follow, ok bool) {
	arg, dirfd, follow := 0, int32(unix.AT_FDCWD), true
	if ev.Call.Name == "execveat" {
		arg, dirfd = 1, int32(ev.Args[0])
		follow = ev.Args[4]&unix.AT_SYMLINK_NOFOLLOW == 0
	}
	words, ok = wordsOf(ev, arg)
	return words, dirfd, follow, ok
}

// wordsOf returns the path in argument i, as it was decoded.
func wordsOf(ev *syscalls.Event, i int) (string, bool) {
	if i >= len(ev.Call.Args) {
		return "", false
	}
	name := ev.Call.Args[i].Name
	for n := 0; n < len(ev.Nodes); n = int(ev.Nodes[n].End) {
		node := &ev.Nodes[n]
		if node.Name != name {
			continue
		}
		if node.Kind != syscalls.Str || node.Flags&(syscalls.Cut|syscalls.Unsized) != 0 {
			return "", false
		}
		return string(ev.Bytes(node)), true
	}
	return "", false
}

// interpreters reads who will run the file of a descriptor.
func interpreters(fd int) (script, loader string, read bool) {
	f, err := os.Open("/proc/self/fd/" + strconv.Itoa(fd))
	if err != nil {
		return "", "", false
	}
	defer f.Close()
	script, loader = Interpreters(f)
	return script, loader, true
}

// Interpreters reads who runs a program that is in a file: the interpreter of a script,
// or the loader of an ELF program, each by the name that execve(2) takes it by; "" for
// none.
func Interpreters(f io.ReaderAt) (script, loader string) {
	var head [256]byte // BINPRM_BUF_SIZE, include/uapi/linux/binfmts.h
	n, _ := f.ReadAt(head[:], 0)
	if line, ok := bytes.CutPrefix(head[:n], []byte("#!")); ok {
		line, _, _ = bytes.Cut(line, []byte("\n"))
		if words := strings.Fields(strings.ReplaceAll(string(line), "\x00", " ")); len(words) > 0 {
			return words[0], ""
		}
		return "", ""
	}
	prog, err := elf.NewFile(f)
	if err != nil {
		return "", ""
	}
	for _, p := range prog.Progs {
		if p.Type != elf.PT_INTERP || p.Filesz > unix.PathMax {
			continue
		}
		b := make([]byte, p.Filesz)
		if _, err := p.ReadAt(b, 0); err == nil {
			return "", string(bytes.TrimRight(b, "\x00"))
		}
	}
	return "", ""
}

// exec verifies, before the new program's first instruction, that it is the one
// that was judged, and puts the task under its profile.
func (e *Enforcer) exec(s *tracer.Stop) {
	t := e.state(s.Task)
	e.tasks.move(t, s.Event.TID)
	t.readComm()
	t.readExe()
	t.forgetIdentity()
	t.inClone = false
	t.takeWindow(nil)
	t.noWindow, t.forks = "", s.Task.Forks()
	if !e.started && t.tid == e.mainTID {
		e.started = true
		return
	}
	x := t.exec
	t.exec = nil
	if x == nil && !t.seen && e.filter == nil {
		return // it was in the execve when we attached: the policy begins behind it
	}
	if why := t.verify(x, s.Task); why != "" && !e.opt.Permissive {
		e.unexpected(s, t, why)
		return
	}
	if x == nil || x.next == "" || x.next == t.profile {
		return
	}
	t.mu.Lock()
	t.profile = x.next
	t.mu.Unlock()
	if why := t.secure(s.Task); why != "" && !e.opt.Permissive {
		e.unexpected(s, t, why)
	}
}

// secure has a program that comes under another profile start as a set-user-ID program
// does (AT_SECURE, getauxval(3)): its loader and its C library do not take code and
// files from the environment (LD_PRELOAD, LD_LIBRARY_PATH and their like), which is that
// of the profile it was called from. It returns why that cannot be.
func (t *task) secure(k *tracer.Task) string {
	const atNull, atSecure, startStack = 0, 23, 28 // include/uapi/linux/auxvec.h, proc_pid_stat(5)
	f, err := statFields(t.proc("stat"))
	if err != nil {
		return "the new program's stack is not known: " + err.Error()
	}
	if len(f) <= startStack-3 {
		return "the new program's stack is not known"
	}
	at, _ := strconv.ParseUint(f[startStack-3], 10, 64)
	size := uint64(unsafe.Sizeof(uintptr(0)))
	if t.narrow() {
		size = 4
	}
	word := func() (uint64, bool) {
		var w [8]byte
		ok := k.ReadMemory(at, w[:size]) == int(size)
		at += size
		return binary.LittleEndian.Uint64(w[:]), ok
	}
	argc, ok := word()
	at += size * (argc + 1)
	for v := uint64(1); ok && v != 0; { // the environment
		v, ok = word()
	}
	for ok {
		var key uint64
		if key, ok = word(); key == atNull {
			break
		}
		if key == atSecure && ok {
			one := []byte{1, 0, 0, 0, 0, 0, 0, 0}
			if k.WriteMemory(at, one[:size]) == int(size) {
				return ""
			}
			break
		}
		at += size
	}
	return "the new program cannot be started without its environment"
}

// narrow reports whether a new program is one of 32 bits on a machine of 64.
func (t *task) narrow() bool {
	var head [5]byte // EI_CLASS of its ELF header
	f, err := os.Open(t.proc("exe"))
	if err != nil {
		return false
	}
	defer f.Close()
	n, _ := f.ReadAt(head[:], 0)
	return n == len(head) && elf.Class(head[elf.EI_CLASS]) == elf.ELFCLASS32
}

// unexpected ends a program that is not to run.
func (e *Enforcer) unexpected(s *tracer.Stop, t *task, why string) {
	v := policy.Verdict{Action: policy.Action{Kind: policy.Kill}, Why: why, Level: policy.LevelTracer}
	v.Pair = policy.Pair{Effect: "exec", Path: s.Event.ExePath, Known: true}
	ev := &e.loop.side
	ev.Reset()
	ev.ABI = syscalls.ByName(nativeName)
	ev.Nr, _ = ev.ABI.Number("execve")
	e.out.decided(t, ev, &v, nil, time.Now())
	s.Do(tracer.Action{Verb: tracer.Kill})
}

// verify says what is wrong with the program that an execve has brought.
func (t *task) verify(x *pending, k *tracer.Task) string {
	if x == nil {
		return "an execve that was not judged"
	}
	var st unix.Stat_t
	if err := unix.Stat(t.proc("exe"), &st); err != nil {
		return "the new program cannot be identified: " + err.Error()
	}
	if (fileID{st.Dev, st.Ino}) != x.exe {
		return "not the program that was judged"
	}
	if x.script {
		if name, ok := nameGiven(k); !ok || name != x.words {
			return "not the script that was judged: " + name
		}
	}
	return t.verifyLoader(x)
}

// verifyLoader looks at what the kernel has mapped for the new program: itself and
// its loader.
func (t *task) verifyLoader(x *pending) string {
	if x.unread {
		return ""
	}
	maps, err := os.ReadFile(t.proc("maps"))
	if err != nil {
		return "the new program's memory cannot be looked at: " + err.Error()
	}
	exe := ""
	if l, err := os.Readlink(t.proc("exe")); err == nil {
		exe = l
	}
	for line := range strings.Lines(string(maps)) {
		f := strings.SplitN(strings.TrimSuffix(line, "\n"), " ", 6)
		if len(f) < 6 {
			continue
		}
		name := strings.TrimLeft(f[5], " ")
		if !strings.HasPrefix(name, "/") || name == exe || name == x.loader {
			continue
		}
		return "its loader is not the one that was judged: " + name
	}
	return ""
}
