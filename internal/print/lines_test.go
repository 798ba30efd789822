package print

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"strait/syscalls"

	"github.com/google/go-cmp/cmp"
)

// A script is events on one output: what strace 7.2 wrote for the same ones.
type script struct {
	lines *Lines
	out   bytes.Buffer
	tasks int
}

func newScript(setup func(*Lines)) *script {
	s := &script{tasks: 2}
	s.lines = &Lines{Out: NewWriter(&s.out), Text: Text{Columns: 40, Location: time.UTC}, PIDs: func() int { return s.tasks }}
	s.lines.Prefix.PID = PIDBracket
	if setup != nil {
		setup(s.lines)
	}
	return s
}

func (s *script) String() string {
	if err := s.lines.Flush(); err != nil {
		return err.Error()
	}
	return s.out.String()
}

// readCall is read(3, "a", 1) = 1, of which the buffer is known at exit.
func readCall(tid int) *syscalls.Event {
	abi := syscalls.ByID(syscalls.AMD64)
	ev := &syscalls.Event{TID: tid, PID: 1, ABI: abi, Nr: 0, Call: abi.Call(0), Returned: true, Ret: 1, IP: 0x7f00}
	ev.Nodes = tree([]syscalls.Node{
		{Kind: syscalls.FD, Name: "fd", Val: 3}, bytesNode(ev, syscalls.Str, "buf", "a", 0), {Kind: syscalls.Uint, Name: "count", Val: 1},
	}, nil)
	ev.EnterEnd = 1
	return ev
}

// plainCall is a call without arguments that succeeds with 0.
func plainCall(tid int, id syscalls.ABIID, name string) *syscalls.Event {
	abi := syscalls.ByID(id)
	nr, _ := abi.Number(name)
	return &syscalls.Event{TID: tid, PID: 1, ABI: abi, Nr: nr, Call: abi.Call(nr), Returned: true}
}

func TestLinesOfSeveralTasks(t *testing.T) {
	s := newScript(nil)
	a, b := readCall(11), plainCall(12, syscalls.AMD64, "pause")
	s.lines.Enter(a)
	s.lines.Exit(a)
	s.lines.Enter(a)
	s.lines.Enter(b)
	s.lines.Exit(a)
	b.Errno = 514
	s.lines.Exit(b)
	s.lines.Event(&syscalls.Event{Kind: syscalls.EventSignal, TID: 12, Sig: 14, Nodes: tree([]syscalls.Node{
		{Kind: syscalls.Struct}, {Kind: syscalls.Sig, Name: "si_signo", Val: 14},
	}, map[int]int{0: 1})})
	s.lines.Event(&syscalls.Event{Kind: syscalls.EventStopped, TID: 12, Sig: 19})
	s.lines.Enter(a)
	s.lines.Event(&syscalls.Event{Kind: syscalls.EventSuperseded, TID: 12, OtherTID: 13})
	a.Returned = false
	s.lines.Exit(a)
	s.lines.Event(&syscalls.Event{Kind: syscalls.EventKilled, TID: 11, Sig: 11, Core: true})
	s.tasks = 1
	s.lines.Enter(a)
	s.lines.Exit(a)
	s.lines.Event(&syscalls.Event{Kind: syscalls.EventExited, TID: 11, Status: 3})
	want := `[pid    11] read(3, "a", 1)             = 1
[pid    11] read(3 <unfinished ...>
[pid    12] pause( <unfinished ...>
[pid    11] <... read resumed>, "a", 1) = 1
[pid    12] <... pause resumed>)        = ? ERESTARTNOHAND (To be restarted if no handler)
[pid    12] --- SIGALRM {si_signo=SIGALRM} ---
[pid    12] --- stopped by SIGSTOP ---
[pid    11] read(3 <unfinished ...>
[pid    12] +++ superseded by execve in pid 13 +++
[pid    11] <... read resumed> <unfinished ...>) = ?
[pid    11] +++ killed by SIGSEGV (core dumped) +++
read(3 <unfinished ...>)                = ?
+++ exited with 3 +++
`
	if diff := cmp.Diff(want, s.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestLinesBehindASignal(t *testing.T) {
	s := newScript(func(l *Lines) {
		l.Prefix.PID = PIDNone
		l.After = func(dst []byte, _ *syscalls.Event) []byte { return append(dst, " > /bin/a(main+0x1) [0x1]\n"...) }
	})
	s.lines.Event(&syscalls.Event{Kind: syscalls.EventSignal, TID: 1, Sig: 11, IP: 0x1234, Instruction: "mov (%rax),%rax"})
	s.lines.Event(&syscalls.Event{Kind: syscalls.EventKilled, TID: 1, Sig: 11})
	want := "--- SIGSEGV ---\n > mov (%rax),%rax [0x1234]\n > /bin/a(main+0x1) [0x1]\n+++ killed by SIGSEGV +++\n"
	if diff := cmp.Diff(want, s.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestLinesWhole(t *testing.T) {
	s := newScript(func(l *Lines) { l.Whole = true })
	a, b := readCall(11), plainCall(12, syscalls.AMD64, "getpid")
	s.lines.Enter(a)
	s.lines.Enter(b)
	s.lines.Exit(b)
	s.lines.Exit(a)
	want := "[pid    12] getpid()                    = 0\n[pid    11] read(3, \"a\", 1)             = 1\n"
	if diff := cmp.Diff(want, s.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestLinesOfDetachedTasks(t *testing.T) {
	s := newScript(func(l *Lines) { l.Prefix.PID = PIDNone })
	a := readCall(11)
	s.lines.Enter(a)
	s.lines.Event(&syscalls.Event{Kind: syscalls.EventDetached, TID: 11})
	s.lines.Enter(a)
	s.lines.PIDChanged(11, 10)
	s.lines.Enter(a)
	s.lines.Break()
	s.lines.Exit(a)
	want := "read(3 <detached ...>\nread(3 <pid changed to 10 ...>\nread(3 <unfinished ...>\n<... read resumed>, \"a\", 1)             = 1\n"
	if diff := cmp.Diff(want, s.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func sh(*syscalls.Event) []byte       { return []byte("sh") }
func nameless(*syscalls.Event) []byte { return nil }

// The forms of what stands before a line, as strace prints them.
func TestPrefixes(t *testing.T) {
	const second = int64(1e9)
	for _, test := range []struct {
		name   string
		prefix Prefix
		want   string
	}{
		{"column", Prefix{PID: PIDColumn}, "11    "},
		{"-Y", Prefix{PID: PIDColumn, Comm: sh}, "11<sh> "},
		{"-Y on standard error", Prefix{PID: PIDBracket, Comm: sh}, "[pid    11<sh>] "},
		{"-Y of a task without a name", Prefix{PID: PIDColumn, Comm: nameless}, "11    "},
		{"-t", Prefix{Clock: ClockDay}, "00:00:59 "},
		{"-tt", Prefix{Clock: ClockDay, ClockPrec: 6}, "00:00:59.000012 "},
		{"-ttt", Prefix{Clock: ClockUnix, ClockPrec: 6}, "59.000012 "},
		{"ms", Prefix{Clock: ClockUnix, ClockPrec: 3}, "59.000 "},
		{"-r", Prefix{Delta: true, DeltaPrec: 6}, "     0.000000 "},
		{"-r -tt", Prefix{Clock: ClockDay, ClockPrec: 6, Delta: true, DeltaPrec: 6}, "00:00:59.000012 (+     0.000000) "},
		{"-r s", Prefix{Delta: true}, "     0 "},
		{"-n", Prefix{Number: true}, "[  39] "},
		{"-i", Prefix{IP: true}, "[0000000000007f00] "},
		{"-i -n -r", Prefix{IP: true, Number: true, Delta: true, DeltaPrec: 6}, "     0.000000 [  39] [0000000000007f00] "},
	} {
		s := newScript(func(l *Lines) { l.Prefix = test.prefix })
		ev := plainCall(11, syscalls.AMD64, "getpid")
		ev.IP, ev.Wall, ev.Mono = 0x7f00, 59*second+12999, 7*second
		s.lines.Enter(ev)
		if got := strings.TrimSuffix(s.String(), "getpid("); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

func TestPrefixOfOtherABIs(t *testing.T) {
	s := newScript(func(l *Lines) { l.Prefix = Prefix{IP: true, Number: true} })
	ev := plainCall(11, syscalls.X32, "getpid")
	ev.IP = 0x7fbc0b63c829
	s.lines.Personality(ev, ev.ABI, ev.Nr)
	ev.IP = 0x1000
	s.lines.Enter(ev)
	s.lines.Exit(ev)
	s.lines.Event(&syscalls.Event{Kind: syscalls.EventExited, TID: 11})
	want := "[1073741863] [7fbc0b63c829] [ Process PID=11 runs in x32 mode. ]\n" +
		"[1073741863] [00001000] getpid()        = 0\n" +
		"[????] [????????????????] +++ exited with 0 +++\n"
	if diff := cmp.Diff(want, s.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// The number is of the call before; how wide the instruction pointer is, the ABI says that begins.
func TestPrefixOfPersonality(t *testing.T) {
	s := newScript(func(l *Lines) { l.Prefix = Prefix{IP: true, Number: true} })
	for _, id := range []syscalls.ABIID{syscalls.I386, syscalls.AMD64} {
		ev := &syscalls.Event{TID: 11, ABI: syscalls.ByID(id), IP: 0x5555555551c3}
		s.lines.Personality(ev, syscalls.ByID(syscalls.AMD64+syscalls.I386-id), 20)
	}
	want := "[  20] [5555555551c3] [ Process PID=11 runs in 32 bit mode. ]\n" +
		"[  20] [00005555555551c3] [ Process PID=11 runs in 64 bit mode. ]\n"
	if diff := cmp.Diff(want, s.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestPrefixOfNoCall(t *testing.T) {
	for nr, want := range map[uint64]string{
		^uint64(0): "[???] ", ^uint64(1): "[18446744073709551614] ", 0: "[   0] ", 1 << 20: "[1048576] ",
	} {
		ev := &syscalls.Event{ABI: syscalls.ByID(syscalls.I386), Nr: nr}
		if got := string(new(Text).number(nil, ev)); got != want {
			t.Errorf("%#x: got %q, want %q", nr, got, want)
		}
	}
}

func TestDurations(t *testing.T) {
	for digits, want := range map[int]string{0: " <1>", 3: " <1.000>", 6: " <1.000012>", 9: " <1.000012999>"} {
		s := newScript(func(l *Lines) { l.Timed, l.Times, l.Prefix.PID = true, digits, PIDNone })
		ev := plainCall(11, syscalls.AMD64, "getpid")
		ev.Mono, ev.MonoExit = 5, 1_000_013_004
		ev.Injected = syscalls.InjectedResult
		s.lines.Enter(ev)
		s.lines.Exit(ev)
		if got, want := s.String(), "getpid()"+strings.Repeat(" ", 32)+"= 0 (INJECTED)"+want+"\n"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestDeltaBetweenLines(t *testing.T) {
	s := newScript(func(l *Lines) { l.Prefix = Prefix{Delta: true, DeltaPrec: 9} })
	ev := plainCall(11, syscalls.AMD64, "getpid")
	for _, mono := range []int64{100, 1_500_000_107} {
		ev.Mono = mono
		s.lines.Enter(ev)
		s.lines.Exit(ev)
	}
	if got := s.String(); !strings.Contains(got, "\n     1.500000007 getpid()") {
		t.Errorf("got %s", got)
	}
}

// Colours move nothing: without their sequences a line is the same.
func TestColoursKeepTheText(t *testing.T) {
	for _, style := range []XlatStyle{XlatAbbrev, XlatRaw, XlatVerbose} {
		var got [2]string
		for i, colors := range []*Colors{nil, NewColors("syscall=1;33:const=4;34")} {
			s := newScript(func(l *Lines) { l.Text.Color, l.Text.Xlat = colors, style })
			for _, ev := range []*syscalls.Event{readCall(11), openEvent(), everyKind(), plainCall(11, syscalls.AMD64, "getpid")} {
				s.lines.Enter(ev)
				s.lines.Enter(plainCall(12, syscalls.AMD64, "pause"))
				s.lines.Exit(ev)
			}
			got[i] = s.String()
		}
		if !strings.Contains(got[1], "\x1b[1;33mread\x1b[0m(") {
			t.Errorf("no colours in %q", got[1][:80])
		}
		if diff := cmp.Diff(got[0], withoutColours(got[1])); diff != "" {
			t.Errorf("style %d (-plain +coloured)\n%s", style, diff)
		}
	}
}

func withoutColours(s string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(s, "\x1b") {
		if _, after, ok := strings.Cut(part, "m"); ok && strings.HasPrefix(part, "[") {
			part = after
		}
		b.WriteString(part)
	}
	return b.String()
}

func TestColourOfALine(t *testing.T) {
	s := newScript(func(l *Lines) { l.Text.Color, l.Prefix.PID = NewColors(""), PIDNone })
	ev := openEvent()
	ev.Errno = 2
	s.lines.Enter(ev)
	s.lines.Exit(ev)
	const value, end = "\x1b[35m", "\x1b[0m"
	want := "\x1b[33mopenat" + end + "(" + value + "\x1b[34mAT_FDCWD" + value + end + ", " + value + `"a\"\n\377"` + end + ", " + value +
		"\x1b[34mO_WRONLY|O_CREAT|0x40000000" + value + end + ", " + value + "0644" + end +
		end + ")" + end + " " + end + "=" + end + end + " \x1b[32m-1" +
		end + " \x1b[31mENOENT" + end + " \x1b[31m(No such file or directory)" + end + end + "\n"
	if diff := cmp.Diff(want, s.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// What strace makes of STRACE_COLORS: keys in any case, blanks around them, the
// last of two; what is not understood is passed over.
func TestColoursFromTheEnvironment(t *testing.T) {
	for pairs, want := range map[string]string{
		"":                         "\x1b[33m",
		"syscall=41":               "\x1b[41m",
		"SYSCALL= 41 ":             "\x1b[41m",
		"syscall=33:syscall=44":    "\x1b[44m",
		"const=1:bad:syscall=1;36": "\x1b[1;36m",
		"syscall=1;;2":             "\x1b[1;0;2m",
		"syscall=4x":               "\x1b[33m",
		"syscall=":                 "\x1b[33m",
		"syscall":                  "\x1b[33m",
		"syscall=0":                "\x1b[0m",
	} {
		if got := NewColors(pairs).seq[shadeSyscall]; got != want {
			t.Errorf("%q: got %q, want %q", pairs, got, want)
		}
	}
}

func TestLinesAllocate(t *testing.T) {
	l := &Lines{Out: NewWriter(discard{}), Text: Text{Columns: 40, Location: time.UTC}, Timed: true, Times: 6}
	l.Prefix = Prefix{PID: PIDColumn, Clock: ClockDay, ClockPrec: 6, Delta: true, DeltaPrec: 6, IP: true, Number: true}
	a, b := readCall(11), openEvent()
	round := func() {
		l.Enter(a)
		l.Enter(b)
		l.Exit(a)
		l.Exit(b)
	}
	for range 2000 { // the batch grows to its size
		round()
	}
	if n := testing.AllocsPerRun(100, round); n != 0 {
		t.Errorf("%v allocations for two calls", n)
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

// A full is a writer that takes some bytes, then fails.
type full struct {
	room   int
	writes int
}

var errFull = errors.New("no space left on device")

func (f *full) Write(p []byte) (int, error) {
	f.writes++
	if len(p) > f.room {
		return f.room, errFull
	}
	f.room -= len(p)
	return len(p), nil
}

func TestWriterKeepsTheFirstError(t *testing.T) {
	f := &full{room: 100}
	w := NewWriter(f)
	for range 20 {
		if _, err := w.Write(make([]byte, 10)); err != nil {
			t.Fatalf("before anything was written: %v", err)
		}
	}
	if f.writes != 0 {
		t.Errorf("%d writes before a batch is full", f.writes)
	}
	for range 2 {
		if err := w.Flush(); !errors.Is(err, errFull) {
			t.Errorf("Flush: %v, want %v", err, errFull)
		}
	}
	if _, err := w.Write([]byte("x")); !errors.Is(err, errFull) || f.writes != 1 {
		t.Errorf("Write after the error: %v, %d writes", err, f.writes)
	}
}

func TestWriterWritesFullBatches(t *testing.T) {
	var out bytes.Buffer
	w := NewWriter(&out)
	line := bytes.Repeat([]byte("x"), 1000)
	for range 70 {
		w.Write(line)
	}
	if n := out.Len(); n < batch || n >= batch+len(line) {
		t.Errorf("%d bytes written after 70000, want one batch", n)
	}
	if err := w.Flush(); err != nil || out.Len() != 70000 {
		t.Errorf("%d bytes written in the end, %v", out.Len(), err)
	}
}
