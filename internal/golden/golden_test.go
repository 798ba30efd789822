package golden_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"strait/internal/golden"
	"strait/internal/tracefile"

	"github.com/google/go-cmp/cmp"
)

// build makes a behaviour of a trace in text.
func build(t *testing.T, text string, o golden.Options) *golden.Trace {
	t.Helper()
	tr, err := tracefile.Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	o.ABI = "amd64"
	return golden.Build(golden.FromSaved(tr, o), o)
}

const shell = `10 execve("/bin/sh", ["sh", "-c", "x"], 0x7ff) = 0
10 access("/etc/ld.so.preload", R_OK) = -1 ENOENT (No such file or directory)
10 openat(AT_FDCWD</w>, "/etc/ld.so.cache", O_RDONLY|O_CLOEXEC) = 3</etc/ld.so.cache>
10 close(3</etc/ld.so.cache>) = 0
10 openat(AT_FDCWD</w>, "/lib/x86_64-linux-gnu/libc.so.6", O_RDONLY|O_CLOEXEC) = 3</usr/lib/x86_64-linux-gnu/libc.so.6>
10 read(3</usr/lib/x86_64-linux-gnu/libc.so.6>, "\177ELF"..., 832) = 832
10 mmap(NULL, 100, PROT_READ, MAP_PRIVATE, 3</usr/lib/x86_64-linux-gnu/libc.so.6>, 0) = 0x7f0123456000
10 openat(AT_FDCWD</w>, "in", O_RDONLY) = 3</w/in>
10 read(3</w/in>, "ab", 2) = 2
10 read(3</w/in>, "c", 2) = 1
10 newfstatat(AT_FDCWD</w>, "/usr/local/bin/cat", 0x7ffc00000000, 0) = -1 ENOENT (No such file or directory)
10 clone(child_stack=NULL, flags=CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0x7f0123456000) = 11
11 execve("/usr/bin/cat", ["cat", "/w/out"], 0x7ff) = 0
11 openat(AT_FDCWD</w>, "/w/out", O_WRONLY|O_CREAT|O_TRUNC, 0666) = 3</w/out>
11 socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_IP) = 4<socket:[77]>
11 connect(4<socket:[77]>, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("192.0.2.1")}, 16) = -1 ECONNREFUSED (Connection refused)
11 exit_group(1) = ?
11 +++ exited with 1 +++
10 wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 1}], 0, NULL) = 11
10 --- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=11, si_uid=0, si_status=1, si_utime=0, si_stime=0} ---
10 exit_group(0) = ?
10 +++ exited with 0 +++
`

func TestBuild(t *testing.T) {
	for _, test := range []struct {
		depth golden.Depth
		want  string
	}{
		{golden.Effects, `strait golden trace, version 1, effects

process sh
  exec sh
  exited with 0
  fs.read ./in
  process.create

process sh > cat
  exec cat
  exited with 1
  fs.create ./out
  fs.write ./out
  net.connect tcp 192.0.2.1:443: ECONNREFUSED
  net.socket tcp
`},
		{golden.Calls, `strait golden trace, version 1, calls

process 1: sh
  exec sh [sh -c x]
  open ./in O_RDONLY
  read <./in>
  fork cat
  wait cat: exited with 1
  exited with 0

process 1.1: cat
  exec cat [cat ./out]
  open ./out O_WRONLY|O_CREAT|O_TRUNC 0666
  socket AF_INET SOCK_STREAM IPPROTO_IP
  connect <tcp> tcp 192.0.2.1:443: ECONNREFUSED
  exited with 1
`},
		{golden.Everything, `strait golden trace, version 1, everything

process 1: sh
  execve("/usr/bin/sh", ["sh", "-c", "x"], 0x7ff) = 0
  openat(AT_FDCWD, "./in", O_RDONLY) = <./in>
  read(<./in>, "ab", 2) = 2
  read(<./in>, "c", 2) = 1
  clone(child_stack=N, flags=CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=N) = cat
  wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 1}], 0, NULL) = cat
  exited with 0

process 1.1: cat
  execve("/usr/bin/cat", ["cat", "./out"], 0x7ff) = 0
  openat(AT_FDCWD, "./out", O_WRONLY|O_CREAT|O_TRUNC, 0666) = <./out>
  socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_IP) = <tcp>
  connect(<tcp>, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("192.0.2.1")}, 16) = -1 ECONNREFUSED
  exited with 1
`},
	} {
		got := string(build(t, shell, golden.Options{Depth: test.depth, CWD: "/w"}).Format())
		if d := cmp.Diff(test.want, got); d != "" {
			t.Errorf("%s: %s", test.depth, d)
		}
	}
}

// What the kernel and the scheduler choose makes no difference.
func TestBuildTakesOutChance(t *testing.T) {
	for _, test := range []struct{ name, a, b string }{
		{"process ids", "10 getppid() = 9\n10 kill(10, SIGUSR1) = 0\n", "20 getppid() = 3\n20 kill(20, SIGUSR1) = 0\n"},
		{"addresses", "1 brk(NULL) = 0x55550000a000\n", "1 brk(NULL) = 0x7777000b0000\n"},
		{"descriptors", "1 open(\"x\", O_RDONLY) = 3\n1 read(3, \"\", 1) = 0\n", "1 open(\"x\", O_RDONLY) = 9\n1 read(9, \"\", 1) = 0\n"},
		{
			"temporary names",
			"1 openat(AT_FDCWD, \"/tmp/ccAb12Xy.s\", O_RDWR|O_CREAT|O_EXCL, 0600) = 3\n1 unlink(\"/tmp/ccAb12Xy.s\") = 0\n",
			"1 openat(AT_FDCWD, \"/tmp/ccQz77aa.s\", O_RDWR|O_CREAT|O_EXCL, 0600) = 3\n1 unlink(\"/tmp/ccQz77aa.s\") = 0\n",
		},
		{
			"temporary directories",
			"1 mkdir(\"/tmp/tmp.abcdefghij\", 0700) = 0\n1 creat(\"/tmp/tmp.abcdefghij/f\", 0644) = 3\n",
			"1 mkdir(\"/tmp/tmp.zzzzzzzzzz\", 0700) = 0\n1 creat(\"/tmp/tmp.zzzzzzzzzz/f\", 0644) = 3\n",
		},
		{"library versions", "1 open(\"/usr/lib/python3.11/x\", O_RDONLY) = 3\n", "1 open(\"/usr/lib/python3.12/x\", O_RDONLY) = 3\n"},
		{"merged /usr", "1 execve(\"/bin/cat\", [\"cat\"], 0x7ff) = 0\n", "1 execve(\"/usr/bin/cat\", [\"cat\"], 0x7ff /* 9 vars */) = 0\n"},
		{
			"ports that the kernel chose",
			"1 socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 3\n1 getsockname(3, {sa_family=AF_INET, sin_port=htons(40001), sin_addr=inet_addr(\"127.0.0.1\")}, [16]) = 0\n" +
				"1 connect(3, {sa_family=AF_INET, sin_port=htons(40001), sin_addr=inet_addr(\"127.0.0.1\")}, 16) = 0\n",
			"1 socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 3\n1 getsockname(3, {sa_family=AF_INET, sin_port=htons(50002), sin_addr=inet_addr(\"127.0.0.1\")}, [16]) = 0\n" +
				"1 connect(3, {sa_family=AF_INET, sin_port=htons(50002), sin_addr=inet_addr(\"127.0.0.1\")}, 16) = 0\n",
		},
		{
			"times",
			"1 clock_gettime(CLOCK_REALTIME, {tv_sec=1, tv_nsec=2}) = 0\n1 stat(\"x\", {st_mode=S_IFREG|0644, st_mtime=1 /* 1970-01-01T00:00:01+0000 */, ...}) = 0\n",
			"1 clock_gettime(CLOCK_REALTIME, {tv_sec=3, tv_nsec=4}) = 0\n1 stat(\"x\", {st_mode=S_IFREG|0644, st_mtime=9 /* 1970-01-01T00:00:09+0000 */, ...}) = 0\n",
		},
		{
			"which child ends first",
			"1 vfork() = 2\n1 vfork() = 3\n2 execve(\"/bin/a\", [\"a\"], NULL) = 0\n3 execve(\"/bin/b\", [\"b\"], NULL) = 0\n" +
				"2 +++ exited with 0 +++\n1 wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 2\n3 +++ exited with 0 +++\n1 wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 3\n",
			"1 vfork() = 2\n1 vfork() = 3\n3 execve(\"/bin/b\", [\"b\"], NULL) = 0\n2 execve(\"/bin/a\", [\"a\"], NULL) = 0\n" +
				"3 +++ exited with 0 +++\n1 wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 3\n2 +++ exited with 0 +++\n1 wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 2\n",
		},
	} {
		for _, d := range []golden.Depth{golden.Effects, golden.Calls, golden.Everything} {
			o := golden.Options{Depth: d}
			a, b := build(t, test.a, o), build(t, test.b, o)
			if list := golden.Compare(a, b); len(list) > 0 {
				t.Errorf("%s, %s:\n%s", test.name, d, golden.Report(list, golden.ReportStyle{}, ""))
			}
		}
	}
}

// What the program chooses does.
func TestBuildKeepsChoices(t *testing.T) {
	for _, test := range []struct {
		name, a, b string
		at         golden.Depth // the first depth that tells
	}{
		{"another file", "1 open(\"x\", O_RDONLY) = 3\n", "1 open(\"y\", O_RDONLY) = 3\n", golden.Effects},
		{"another outcome", "1 open(\"x\", O_RDONLY) = 3\n", "1 open(\"x\", O_RDONLY) = -1 ENOENT (No such file or directory)\n", golden.Effects},
		{"to write", "1 open(\"x\", O_RDONLY) = 3\n", "1 open(\"x\", O_RDWR) = 3\n", golden.Effects},
		{"another status", "1 +++ exited with 0 +++\n", "1 +++ exited with 1 +++\n", golden.Effects},
		{"another order", "1 open(\"x\", O_RDONLY) = 3\n1 open(\"y\", O_RDONLY) = 4\n", "1 open(\"y\", O_RDONLY) = 3\n1 open(\"x\", O_RDONLY) = 4\n", golden.Calls},
		{"another argument", "1 fcntl(3, F_SETLK, {l_type=F_RDLCK}) = 0\n", "1 fcntl(3, F_SETLK, {l_type=F_WRLCK}) = 0\n", golden.Everything},
		{"other bytes", "1 write(1, \"a\", 1) = 1\n", "1 write(1, \"b\", 1) = 1\n", golden.Everything},
	} {
		for _, d := range []golden.Depth{golden.Effects, golden.Calls, golden.Everything} {
			o := golden.Options{Depth: d}
			list := golden.Compare(build(t, test.a, o), build(t, test.b, o))
			if got := len(list) > 0; got != (d >= test.at) {
				t.Errorf("%s, %s: a difference: %v", test.name, d, got)
			}
		}
	}
}

func TestNoise(t *testing.T) {
	noise := []golden.Noise{{Line: "open ./in *"}, {Line: "* tcp 192.0.2.1:*", Program: "cat"}, {Line: "read *", Program: "cat"}}
	got := string(build(t, shell, golden.Options{Depth: golden.Calls, CWD: "/w", Noise: noise}).Format())
	for _, gone := range []string{"open ./in", "connect"} {
		if strings.Contains(got, gone) {
			t.Errorf("%q is still there:\n%s", gone, got)
		}
	}
	if !strings.Contains(got, "read <./in>") {
		t.Errorf("noise of cat was taken out of sh:\n%s", got)
	}
}

func TestReport(t *testing.T) {
	was := build(t, shell, golden.Options{Depth: golden.Calls, CWD: "/w"})
	changed := strings.NewReplacer("htons(443)", "htons(80)", `"in", O_RDONLY`, `"in", O_RDWR`, "cat", "dog").Replace(shell)
	changed = strings.Replace(changed, "10 clone", "10 unlink(\"/w/gone\") = 0\n10 clone", 1)
	now := build(t, changed, golden.Options{Depth: golden.Calls, CWD: "/w"})
	now.Processes[0].Lines[1].Stack = []string{"/bin/sh(main+0x1) [0x1]"}
	got := golden.Report(golden.Compare(was, now), golden.ReportStyle{Stacks: true, Rules: true}, "| ")
	want := `| process 1: sh
|   ~ open ./in O_RDONLY  (line 8)
|     → open ./in O_RDWR
|       rule: allow fs.read ${CWD}/in
|       rule: allow fs.write ${CWD}/in
|       > /bin/sh(main+0x1) [0x1]
|   - fork cat  (line 12)
|   - wait cat: exited with 1  (line 19)
|   + unlink ./gone
|       rule: allow fs.delete ${CWD}/gone
|   + fork dog
|       rule: allow process.create
|   + wait dog: exited with 1
| process 1.1: cat is gone (sh made it)
|   - exec cat [cat ./out]  (line 13)
|   - open ./out O_WRONLY|O_CREAT|O_TRUNC 0666  (line 14)
|   - socket AF_INET SOCK_STREAM IPPROTO_IP  (line 15)
|   - connect <tcp> tcp 192.0.2.1:443: ECONNREFUSED  (line 16)
|   - exited with 1  (line 18)
| process 1.1: dog is new (sh made it)
|   + exec dog [dog ./out]
|       rule: allow exec /usr/bin/dog
|   + open ./out O_WRONLY|O_CREAT|O_TRUNC 0666
|       rule: allow fs.write ${CWD}/out
|       rule: allow fs.create ${CWD}/out
|   + socket AF_INET SOCK_STREAM IPPROTO_IP
|       rule: allow net.socket tcp
|   + connect <tcp> tcp 192.0.2.1:80: ECONNREFUSED
|       rule: allow net.connect ip 192.0.2.1:80
|   + exited with 1
`
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// Who wrote a trace, and how, makes no difference at any depth.
func TestFormatsAgree(t *testing.T) {
	for _, d := range []golden.Depth{golden.Effects, golden.Calls, golden.Everything} {
		var traces [2]*golden.Trace
		for i, name := range []string{"forks.txt", "forks.json"} {
			f, err := golden.Open(filepath.Join("..", "tracefile", "testdata", name))
			if err != nil || len(f.Warnings) != 0 {
				t.Fatalf("%s: %v, %q", name, err, f.Warnings)
			}
			traces[i] = f.Trace(golden.Options{Depth: d, ABI: "amd64"})
		}
		if list := golden.Compare(traces[0], traces[1]); len(list) > 0 {
			t.Errorf("%s:\n%s", d, golden.Report(list, golden.ReportStyle{}, ""))
		}
		if n := len(traces[0].Processes); n < 3 {
			t.Errorf("%s: %d processes", d, n)
		}
	}
}

func TestLoadErrors(t *testing.T) {
	dir := t.TempDir()
	for _, test := range []struct{ name, text, want string }{
		{"none", "hello\nworld\n", "none: no trace: no line of it"},
		{"depth", "strait golden trace, version 1, some\n", `depth:1: no depth "some": there are effects, calls, everything`},
		{"version", "strait golden trace, version 1, x\n", `version:1: no depth "x"`},
		{"line", "strait golden trace, version 1, calls\n\nfoo\n", `line:3: "foo" is neither a process nor`},
		{"orphan", "strait golden trace, version 1, calls\n  foo\n", `orphan:2: "  foo" is neither`},
		{"title", "strait golden trace, version 1, calls\nprocess x\n", `title:2: "x": a process is its place and its program`},
		{"json", "{\"type\": 3}\n", "json: read trace: line 1: "},
		{"other", "{\"a\": 3}\n", "other: read trace: line 1: \"\" is no type of event"},
		{"empty", "", "empty: no trace: the file is empty"},
	} {
		file := filepath.Join(dir, test.name)
		if err := os.WriteFile(file, []byte(test.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := golden.Open(file); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v; want %q", test.name, err, test.want)
		}
	}
	for name, text := range map[string]string{
		"text": "1 close(3) = 0\n1 close(4", "json": `{"type":"call","pid":1,"tid":1,"name":"close"}` + "\n{\"type\":\"ca",
	} {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := golden.Open(file)
		if want := file + ":2: it ends in the middle of the line: the rest is missing"; err != nil || len(f.Warnings) != 1 || f.Warnings[0] != want {
			t.Errorf("%s that is cut: %v, %v; want %q", name, f, err, want)
		}
	}
	if _, err := golden.Parse("v", []byte("strait golden trace, version 9, calls\n")); err == nil || !strings.HasPrefix(err.Error(), `v:1: a golden trace of version "9"`) {
		t.Errorf("another version: %v", err)
	}
	if _, err := golden.Parse("empty", nil); err == nil || !strings.HasPrefix(err.Error(), "empty:1: ") {
		t.Errorf("an empty file: %v", err)
	}
}

// What Format writes, Parse reads.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"strait golden trace, version 1, calls\n\nprocess 1: sh\n  exec sh\n\nprocess 1.1: a b (any order)\n  x\n",
		"strait golden trace, version 1, effects\n# why\nprocess sh > git\n  fs.read ./x\n",
		"strait golden trace, version 1, everything\n",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		a, err := golden.Parse("a", []byte(src))
		if err != nil {
			return
		}
		b, err := golden.Parse("b", a.Format())
		if err != nil {
			t.Fatalf("what was written cannot be read: %v\n%s", err, a.Format())
		}
		if string(a.Format()) != string(b.Format()) {
			t.Errorf("not the same:\n%s\n%s", a.Format(), b.Format())
		}
	})
}
