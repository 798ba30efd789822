package tracefile_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"strait/internal/tracefile"

	"github.com/google/go-cmp/cmp"
)

func TestParseCall(t *testing.T) {
	for _, test := range []struct {
		line string
		want tracefile.Entry
	}{
		{`getpid() = 12`, tracefile.Entry{Name: "getpid", Ret: "12"}},
		{`openat(AT_FDCWD</x>, "a,b)", O_RDONLY) = -1 ENOENT (No such file or directory)`, tracefile.Entry{
			Name: "openat", Args: []string{"AT_FDCWD</x>", `"a,b)"`, "O_RDONLY"}, Ret: "-1", Errno: "ENOENT",
		}},
		{`open("a\"b", O_RDONLY)   = 3</a"b><0.000012>`, tracefile.Entry{
			Name: "open", Args: []string{`"a\"b"`, "O_RDONLY"}, Ret: "3", Note: `</a"b>`,
		}},
		{`write(3<TCP:[127.0.0.1:1->127.0.0.1:2]>, "x", 1) = 1`, tracefile.Entry{
			Name: "write", Args: []string{"3<TCP:[127.0.0.1:1->127.0.0.1:2]>", `"x"`, "1"}, Ret: "1",
		}},
		{`dup(1</dev/null<char 1:3>>) = 3</dev/null<char 1:3>>`, tracefile.Entry{
			Name: "dup", Args: []string{"1</dev/null<char 1:3>>"}, Ret: "3", Note: "</dev/null<char 1:3>>",
		}},
		{`futex(0x1, FUTEX_WAIT, 1<<3, 'x') = ? ERESTARTSYS (To be restarted if SA_RESTART is set)`, tracefile.Entry{
			Name: "futex", Args: []string{"0x1", "FUTEX_WAIT", "1<<3", "'x'"}, Ret: "?", Errno: "ERESTARTSYS",
		}},
		{`fcntl(3, F_GETFD) = 0x1 (flags FD_CLOEXEC)`, tracefile.Entry{Name: "fcntl", Args: []string{"3", "F_GETFD"}, Ret: "0x1", Note: "(flags FD_CLOEXEC)"}},
		{`close(9) = -1 EBADF (Bad file descriptor) (INJECTED)`, tracefile.Entry{
			Name: "close", Args: []string{"9"}, Ret: "-1", Errno: "EBADF", Note: "(INJECTED)",
		}},
		{`times({tms_utime=1 /* 0.01 s */, tms_stime=2}) = 4`, tracefile.Entry{Name: "times", Args: []string{"{tms_utime=1 /* 0.01 s */, tms_stime=2}"}, Ret: "4"}},
		{`read(3, "abc`, tracefile.Entry{Name: "read", Args: []string{"3", `"abc`}}},
		// With -N; clone has names without it, too.
		{`openat(dirfd=AT_FDCWD, pathname="a=b", flags=O_RDONLY) = 3`, tracefile.Entry{Name: "openat", Args: []string{"AT_FDCWD", `"a=b"`, "O_RDONLY"}, Ret: "3"}},
		{`clone(child_stack=NULL, flags=SIGCHLD) = 3`, tracefile.Entry{Name: "clone", Args: []string{"child_stack=NULL", "flags=SIGCHLD"}, Ret: "3"}},
		{`exit_group(0) = ?`, tracefile.Entry{Name: "exit_group", Args: []string{"0"}, Ret: "?"}},
	} {
		got, err := tracefile.ParseCall(test.line)
		if err != nil {
			t.Errorf("%s: %v", test.line, err)
		}
		if d := cmp.Diff(test.want, got); d != "" {
			t.Errorf("%s: %s", test.line, d)
		}
	}
	for _, bad := range []string{"", "no call", "12(3) = 4", "a b(c) = 1"} {
		if e, err := tracefile.ParseCall(bad); err == nil {
			t.Errorf("%q is a call: %v", bad, e)
		}
	}
}

// Columns of every kind, of strace and strait, stand before the same call.
func TestReadColumns(t *testing.T) {
	for _, line := range []string{
		"getuid() = 7",
		"42 getuid() = 7",
		"42    getuid()            = 7",
		"[pid    42] getuid() = 7",
		"[pid    42<sh>] getuid() = 7",
		"42<a b> getuid() = 7",
		"42 10:11:12 getuid() = 7",
		"42 10:11:12.123456 getuid() = 7 <0.000001>",
		"42 1700000000.123456 getuid() = 7",
		"42      0.000123 getuid() = 7",
		"42 10:11:12 (+     0.000123) getuid() = 7",
		"42 [00007f0012345678] getuid() = 7",
		"42 [ 102] getuid() = 7",
		"42 10:11:12.1 [ 102] [00007f0012345678] getuid() = 7",
	} {
		tr, err := tracefile.Read(strings.NewReader(line + "\n"))
		if err != nil || len(tr.Entries) != 1 {
			t.Errorf("%q: %v, %v", line, tr, err)
			continue
		}
		e := tr.Entries[0]
		if tid := strings.Contains(line, "42"); e.Name != "getuid" || e.Ret != "7" || tid != (e.TID == 42) {
			t.Errorf("%q: %+v", line, e)
		}
	}
}

const interrupted = `10 clone(child_stack=NULL, flags=SIGCHLD <unfinished ...>
11 read(0,  <unfinished ...>
10 <... clone resumed>, child_tidptr=0x7f00) = 11
11 <... read resumed>"x", 1) = 1
 > /bin/prog(main+0x1d) [0x111d]
11 --- SIGTERM {si_signo=SIGTERM, si_code=SI_USER, si_pid=10, si_uid=0} ---
11 --- stopped by SIGSTOP ---
11 +++ killed by SIGTERM (core dumped) +++
strace: Process 12 attached
hello from the program
10 pause( <unfinished ...>
10 +++ exited with 3 +++
`

func TestReadText(t *testing.T) {
	tr, err := tracefile.Read(strings.NewReader(interrupted))
	if err != nil {
		t.Fatal(err)
	}
	want := []tracefile.Entry{
		{TID: 10, Line: 1, Name: "clone", Args: []string{"child_stack=NULL", "flags=SIGCHLD", "child_tidptr=0x7f00"}, Ret: "11"},
		{TID: 11, Line: 2, Name: "read", Args: []string{"0", `"x"`, "1"}, Ret: "1", Stack: []string{"/bin/prog(main+0x1d) [0x111d]"}},
		{Kind: tracefile.Signal, TID: 11, Line: 6, Name: "SIGTERM", Args: []string{"{si_signo=SIGTERM, si_code=SI_USER, si_pid=10, si_uid=0}"}},
		{Kind: tracefile.Stopped, TID: 11, Line: 7, Name: "SIGSTOP"},
		{Kind: tracefile.Killed, TID: 11, Line: 8, Name: "SIGTERM"},
		{Kind: tracefile.Other, Line: 10, Name: "hello from the program"},
		{TID: 10, Line: 11, Name: "pause"},
		{Kind: tracefile.Exited, TID: 10, Line: 12, Status: 3},
	}
	if d := cmp.Diff(want, tr.Entries); d != "" {
		t.Error(d)
	}
	if tr.Other != 1 || tr.JSON {
		t.Errorf("%d other lines, JSON %v; want 1, false", tr.Other, tr.JSON)
	}
}

// At a terminal trace and messages share the lines, tasks have names only while there
// are several, and there are colours.
func TestReadTerminal(t *testing.T) {
	const text = "\x1b[33mvfork\x1b[0m(/opt/bin/strace: Process 11 attached\n" +
		" <unfinished ...>\n" +
		"[pid    11] getuid( <unfinished ...>\n" +
		"[pid    10] <... vfork resumed>)        = 11\n" +
		"[pid    11] <... getuid resumed>)       = 0\n" +
		"[pid    10] +++ exited with 1 +++\n" +
		"clone(child_stack=NULL, flags=SIGCHLDstrace: Process 12 attached\n" +
		", child_tidptr=0x7f00) = 12\n" +
		"[pid    11] wait4(-1 <unfinished ...>\n" +
		"[pid    12] +++ killed by SIGKILL +++\n" +
		"<... wait4 resumed>, NULL, 0, NULL) = 12\n" +
		"+++ exited with 0 +++\n"
	tr, err := tracefile.Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	want := []tracefile.Entry{
		{Line: 1, Name: "vfork", Ret: "11"},
		{TID: 11, Line: 3, Name: "getuid", Ret: "0"},
		{Kind: tracefile.Exited, TID: 10, Line: 6, Status: 1},
		{TID: 11, Line: 7, Name: "clone", Args: []string{"child_stack=NULL", "flags=SIGCHLD", "child_tidptr=0x7f00"}, Ret: "12"},
		{TID: 11, Line: 9, Name: "wait4", Args: []string{"-1", "NULL", "0", "NULL"}, Ret: "12"},
		{Kind: tracefile.Killed, TID: 12, Line: 10, Name: "SIGKILL"},
		{Kind: tracefile.Exited, TID: 11, Line: 12},
	}
	if d := cmp.Diff(want, tr.Entries); d != "" {
		t.Error(d)
	}
	if tr.Other != 0 {
		t.Errorf("%d lines are not of a trace", tr.Other)
	}
}

// A thread that executes another program goes on under the id of the first one.
func TestReadSuperseded(t *testing.T) {
	const text = `10 pause( <unfinished ...>
11 execve("/bin/x", ["x"], NULL <unfinished ...>
10 <... pause resumed> <unfinished ...>) = ?
10 +++ superseded by execve in pid 11 +++
10 <... execve resumed>) = 0
10 +++ exited with 0 +++
`
	tr, err := tracefile.Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range tr.Entries {
		if e.Name == "execve" && (e.TID != 10 || e.Ret != "0") {
			t.Errorf("the execve of %d returned %q; want 10, 0", e.TID, e.Ret)
		}
	}
	if tr.Other != 0 || len(tr.Entries) != 4 {
		t.Errorf("%d entries, %d lines that are not of a trace", len(tr.Entries), tr.Other)
	}
}

// A trace in JSON says what the same trace in text says. The files were written
// by strait -f -y, with and without --json, in two runs of testdata/forks.sh.
func TestReadJSONLikeText(t *testing.T) {
	read := func(name string) []string {
		f, err := os.Open(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		tr, err := tracefile.Read(f)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, e := range tr.Entries {
			if e.Kind != tracefile.Call || e.Name == "rt_sigreturn" { // its result is what it interrupted
				continue
			}
			// JSON has the number.
			out = append(out, strings.ReplaceAll(tracefile.Normalise(e.Text()), "8192*1024", "8388608"))
		}
		return out
	}
	text, js := read("forks.txt"), read("forks.json")
	if len(text) < 50 {
		t.Fatalf("%d calls in the text", len(text))
	}
	for _, l := range js {
		if !slices.Contains(text, l) {
			t.Errorf("only in JSON: %s", l)
		}
	}
	for _, l := range text {
		if !slices.Contains(js, l) {
			t.Errorf("only in text: %s", l)
		}
	}
}

func TestReadJSONStack(t *testing.T) {
	const line = `{"type":"call","pid":1,"tid":1,"mono":0,"wall":0,"name":"getuid","nr":102,"abi":"amd64","ip":0,"args":[],"ret":0,"stack":["/bin/p(main+0x1) [0x1]","x"]}`
	tr, err := tracefile.Read(strings.NewReader(line + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"/bin/p(main+0x1) [0x1]", "x"}, tr.Entries[0].Stack); d != "" {
		t.Error(d)
	}
}

func TestReadBadJSON(t *testing.T) {
	for _, src := range []string{`{"type":"call"` + "\n", `{"type":"nothing"}` + "\n"} {
		if _, err := tracefile.Read(strings.NewReader(src)); err == nil || !strings.Contains(err.Error(), "line 1") {
			t.Errorf("%q: %v; want an error that names line 1", src, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(interrupted)
	f.Add(`{"type":"call","pid":1,"tid":1,"mono":0,"name":"read","abi":"amd64","args":[{"kind":"fd","name":"fd","value":3,"path":"/x"},{"kind":"sigset","signals":["SIGINT"]},{"kind":"struct","items":[{"kind":"flags","flags":["A"]}]}],"ret":0}`)
	f.Fuzz(func(t *testing.T, src string) {
		tr, err := tracefile.Read(strings.NewReader(src))
		if err != nil {
			return
		}
		for i := range tr.Entries {
			if e := &tr.Entries[i]; e.Kind == tracefile.Call && e.Name == "" {
				t.Errorf("a call without a name: %+v", e)
			}
		}
	})
}

// What is no call, for want of a parenthesis or of a name before it, is told of as such.
func TestReadOther(t *testing.T) {
	tr, err := tracefile.Read(strings.NewReader("1 getpid() = 1\n1 getppid = 1\n1 Warning: odd(1) = 2\n1 getuid() = 0\n"))
	if err != nil || tr.Other != 2 || len(tr.Entries) != 4 {
		t.Fatalf("%v, %+v", err, tr)
	}
	for i, want := range []tracefile.Kind{tracefile.Call, tracefile.Other, tracefile.Other, tracefile.Call} {
		if e := &tr.Entries[i]; e.Kind != want || e.Line != i+1 {
			t.Errorf("%d: %+v, want kind %d", i, e, want)
		}
	}
}
