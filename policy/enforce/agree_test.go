package enforce

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"strait/forkexec"
	"strait/policy"
	"strait/syscalls"

	"golang.org/x/sys/unix"
)

// FuzzAgree: what becomes of the calls of a program under a random policy is what
// [policy.Decide] says about them: a call that is allowed has the result that it has
// without strait, and one that is not has the one that its rule gives.
func FuzzAgree(f *testing.F) {
	if !notifications() {
		f.Skip("the kernel has no notifications that give descriptors (Linux 5.9)")
	}
	exe := compileStatic(f, "driver")
	seeds := 24
	if testing.Short() {
		seeds = 4
	}
	for seed := range seeds {
		f.Add(uint64(seed))
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		a := agreement{rng: rand.New(rand.NewPCG(seed, 7))}
		a.run(t, exe)
	})
}

// compileStatic compiles a program of testdata, which others than its owner may run.
func compileStatic(t testing.TB, name string) string {
	t.Helper()
	gcc, err := exec.LookPath("gcc")
	if err != nil {
		t.Skip("no gcc to compile it")
	}
	top, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	exe := filepath.Join(top, name)
	if out, err := exec.Command(gcc, "-static", "-Wall", "-Werror", "-o", exe, "testdata/"+name+".c").CombinedOutput(); err != nil {
		t.Skipf("%s cannot be compiled: %s", name, out)
	}
	for _, d := range []string{filepath.Dir(exe), filepath.Dir(filepath.Dir(exe))} {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return exe
}

// What a denial gives: no call here fails so by itself.
const (
	deniedErrno = unix.EOWNERDEAD
	returned    = 77
)

// An agreement is one random policy with a random list of calls.
type agreement struct {
	rng    *rand.Rand
	policy string
	calls  []madeCall
}

// A madeCall is a call with its arguments.
type madeCall struct {
	name string
	args []madeArg
}

// A madeArg is an argument as the driver takes it: a number; or what lies at an
// address.
type madeArg struct {
	kind byte // i, s, t or b
	num  uint64
	text string
	mem  []uint64
}

func (a *agreement) run(t *testing.T, exe string) {
	a.generate()
	files := func(dir string) []*os.File { return a.descriptors(t, dir) }
	dir := agreeTree(t)
	p, err := policy.Parse("p.yaml", []byte(a.policy))
	if err != nil {
		t.Fatalf("%v\n%s", err, a.policy)
	}
	pol, err := policy.New(p, policy.Options{Vars: map[string]string{"CWD": dir, "HOME": "/nonexistent"}})
	if err != nil {
		t.Fatalf("%v\n%s", err, a.policy)
	}
	verdicts := make([]policy.Verdict, len(a.calls))
	for i := range a.calls {
		verdicts[i] = decideMade(t, pol, dir, &a.calls[i])
	}
	// Without strait, what is not allowed is not called.
	want := a.native(t, exe, verdicts, files)
	got := a.enforced(t, exe, pol, dir, files)
	for i := range a.calls {
		expect := want[min(i, len(want)-1)]
		switch v := verdicts[i].Action; {
		case v.Kind == policy.Kill:
			if i < len(got) && !a.calls[i].alike(got[i], "-1 0") {
				t.Errorf("%v was to be the end, and: %s", &a.calls[i], got[i])
				a.explain(t)
			}
			return
		case v.Kind == policy.Deny:
			expect = fmt.Sprintf("-1 %d", v.Num)
		case v.Kind == policy.Return:
			expect = fmt.Sprintf("%d 0", v.Num)
		}
		if i >= len(got) || got[i] != expect && !a.calls[i].alike(got[i], expect) {
			have := "nothing"
			if i < len(got) {
				have = got[i]
			}
			t.Errorf("call %d %v: got %s, want %s (%v, %s)", i, &a.calls[i], have, expect, verdicts[i].Action, verdicts[i].Why)
			a.explain(t)
			return
		}
	}
}

func (a *agreement) explain(t *testing.T) { t.Logf("policy:\n%s", a.policy) }

// alike reports whether two ways to fail are as good: what a call says names nothing,
// or its walk ends on the way, so that nobody knows what it would have been about.
func (c *madeCall) alike(got, expect string) bool {
	if !strings.HasPrefix(got, "-1 ") || !strings.HasPrefix(expect, "-1 ") && expect != fmt.Sprintf("%d 0", returned) {
		return false
	}
	if os.Geteuid() != 0 && (got == "-1 13" || expect == "-1 13") { // EACCES: a chmod has closed the way
		return true
	}
	return c.name == "openat2" || slices.ContainsFunc(c.args, func(a madeArg) bool {
		return a.kind == 'i' && a.num == 99 || a.kind == 's' && (a.text == "" || strings.Contains(a.text, ".."))
	})
}

// native runs the calls that are allowed.
func (a *agreement) native(t *testing.T, exe string, verdicts []policy.Verdict, files func(string) []*os.File) []string {
	t.Helper()
	dir := agreeTree(t)
	var args []string
	for i := range a.calls {
		if !runs(verdicts[i].Action.Kind) {
			args = append(args, "-")
			continue
		}
		args = append(args, a.calls[i].text())
	}
	c := exec.Command(exe, args...)
	c.Dir = dir
	c.ExtraFiles = files(dir)
	out, err := c.Output()
	for _, f := range c.ExtraFiles {
		f.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
}

// enforced runs all calls under the policy.
func (a *agreement) enforced(t *testing.T, exe string, p *policy.Policy, dir string, files func(string) []*os.File) []string {
	t.Helper()
	args := []string{"driver"}
	for i := range a.calls {
		args = append(args, a.calls[i].text())
	}
	extra := files(dir)
	var fds []int
	for _, f := range extra {
		fds = append(fds, int(f.Fd()))
	}
	got := under(t, Options{Policy: p}, &forkexec.Cmd{Path: exe, Args: args, Dir: dir}, fds...)
	for _, f := range extra {
		f.Close()
	}
	if got.out == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(got.out, "\n"), "\n")
}

// descriptors are what the driver has besides the usual three: two directories, a
// file.
func (a *agreement) descriptors(t *testing.T, dir string) []*os.File {
	t.Helper()
	var out []*os.File
	for _, name := range []string{"a", "b", "a/f1"} {
		flags := os.O_RDONLY
		f, err := os.OpenFile(filepath.Join(dir, name), flags, 0)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, f)
	}
	return out
}

// agreeTree makes the directory that the calls are about. Its links and directories
// stay: only what a name leads to is what Decide needs to know.
func agreeTree(t testing.TB) string {
	t.Helper()
	dir := tree(t)
	t.Cleanup(func() { // the calls may have closed them to their owner
		for _, d := range []string{"a", "b", "a/d", "b/d"} {
			_ = os.Chmod(filepath.Join(dir, d), 0o700)
		}
	})
	for _, d := range []string{"a", "b", "a/d", "b/d"} {
		if err := os.Mkdir(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range []string{"a/f1", "a/f2", "b/f1", "b/f2", "a/d/f1", "b/d/f1"} {
		if err := os.WriteFile(filepath.Join(dir, f), []byte("text\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, to := range map[string]string{"a/up": "../b", "b/up": "../a", "a/l": "../b/f1", "b/l": "d/f1", "a/far": "../b/up/d", "a/none": "nothing"} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func (c *madeCall) String() string {
	var w []string
	for _, a := range c.args {
		switch a.kind {
		case 's':
			w = append(w, strconv.Quote(a.text))
		case 't':
			w = append(w, fmt.Sprint(a.mem))
		case 'b':
			w = append(w, "room")
		default:
			w = append(w, strconv.FormatInt(int64(a.num), 10))
		}
	}
	return c.name + "(" + strings.Join(w, ", ") + ")"
}

// text is the call as the driver takes it.
func (c *madeCall) text() string {
	abi := syscalls.ByName(nativeName)
	nr, _ := abi.Number(c.name)
	w := []string{strconv.FormatUint(nr, 10)}
	for _, a := range c.args {
		switch a.kind {
		case 's':
			w = append(w, "s"+a.text)
		case 't':
			var n []string
			for _, m := range a.mem {
				n = append(n, strconv.FormatUint(m, 10))
			}
			w = append(w, "t"+strings.Join(n, ","))
		case 'b':
			w = append(w, "b")
		default:
			w = append(w, "i"+strconv.FormatUint(a.num, 10))
		}
	}
	return strings.Join(w, ":")
}

// A madeMemory is what a call's addresses lead to. It implements [syscalls.Tracee].
type madeMemory struct {
	dir string
	at  map[uint64][]byte
}

func (m *madeMemory) ReadMemory(addr uint64, p []byte) int {
	for base, b := range m.at {
		if addr >= base && addr < base+uint64(len(b)) {
			return copy(p, b[addr-base:])
		}
	}
	return 0
}

func (m *madeMemory) AppendFD(dst []byte, fd int32) []byte {
	switch {
	case fd == unix.AT_FDCWD:
		return append(dst, m.dir...)
	case fd >= 3 && fd <= 5:
		return append(dst, m.dir+[]string{"/a", "/b", "/a/f1"}[fd-3]...)
	}
	return dst
}

func (m *madeMemory) AppendPID(dst []byte, _ syscalls.Kind, _ int32) []byte { return dst }

// decideMade asks the policy about a call.
func decideMade(t *testing.T, p *policy.Policy, dir string, c *madeCall) policy.Verdict {
	t.Helper()
	ev := &syscalls.Event{}
	ev.Reset()
	ev.ABI = syscalls.ByName(nativeName)
	nr, ok := ev.ABI.Number(c.name)
	if !ok {
		t.Fatalf("no %s", c.name)
	}
	ev.Nr, ev.Verbose, ev.PID, ev.TID = nr, true, 1000, 1000
	mem := &madeMemory{dir: dir, at: map[uint64][]byte{}}
	for i, a := range c.args {
		addr := uint64(i+1) << 20
		switch a.kind {
		case 's':
			ev.Args[i], mem.at[addr] = addr, append([]byte(a.text), 0)
		case 't':
			var b bytes.Buffer
			for _, w := range a.mem {
				_ = binary.Write(&b, binary.NativeEndian, w)
			}
			ev.Args[i], mem.at[addr] = addr, b.Bytes()
		case 'b':
			ev.Args[i], mem.at[addr] = addr, make([]byte, 4096)
		default:
			ev.Args[i] = a.num
		}
	}
	dec := syscalls.Decoder{FDs: true, Early: true, StringLimit: longString}
	dec.Enter(ev, mem)
	d := policy.Decider{Policy: p, Resolver: linksOf{dir}}
	return d.Decide("main", ev)
}

// linksOf resolves names in the directory of the calls, whose links stay as they are.
type linksOf struct{ dir string }

func (r linksOf) Resolve(ev *syscalls.Event, p *policy.Pair) {
	if !strings.HasPrefix(p.Effect, "fs.") {
		return
	}
	words := p.Path
	base := r.dir
	if p.Dir >= 0 && int(int32(ev.Arg(p.Dir))) >= 3 && int(int32(ev.Arg(p.Dir))) <= 5 {
		base = r.dir + []string{"/a", "/b", "/a/f1"}[int32(ev.Arg(p.Dir))-3]
	} else if p.Dir >= 0 && int32(ev.Arg(p.Dir)) != unix.AT_FDCWD && !strings.HasPrefix(words, "/") {
		p.Known = false
		return
	}
	if !p.Known {
		return
	}
	if !strings.HasPrefix(words, "/") {
		words = base + "/" + words
	}
	p.Path = walkLinks(words, p.Follow, 0)
}

// walkLinks follows the links of a path; what is not there, or is under a file, is as
// it is written.
func walkLinks(words string, follow bool, depth int) string {
	done := "/"
	for rest := strings.Trim(words, "/"); rest != ""; {
		name, tail, _ := strings.Cut(rest, "/")
		rest = strings.TrimLeft(tail, "/")
		switch name {
		case ".", "":
			continue
		case "..":
			done = filepath.Dir(done)
			continue
		}
		next := filepath.Join(done, name)
		to, err := os.Readlink(next)
		if err != nil || rest == "" && !follow && !strings.HasSuffix(words, "/") || depth > 40 {
			done = next
			continue
		}
		if !strings.HasPrefix(to, "/") {
			to = done + "/" + to
		}
		done, depth = walkLinks(to, true, depth+1), depth+1
	}
	return done
}
