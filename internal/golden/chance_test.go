package golden_test

import (
	"strings"
	"testing"

	"strait/internal/golden"
)

// fall is a trace of a writer and a reader. What both do is between.
func fall(between string) string {
	return `1 execve("/usr/bin/sh", ["sh"], 0x7ff) = 0
1 pipe2([3, 4], 0) = 0
1 clone(child_stack=NULL, flags=CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0x7f0000001000) = 2
1 clone(child_stack=NULL, flags=CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0x7f0000001000) = 3
1 close(3) = 0
1 close(4) = 0
2 close(3) = 0
2 dup2(4, 1) = 1
2 close(4) = 0
2 execve("/usr/bin/writer", ["writer"], 0x7ff) = 0
3 dup2(3, 0) = 0
3 close(3) = 0
3 close(4) = 0
3 execve("/usr/bin/reader", ["reader"], 0x7ff) = 0
2 openat(AT_FDCWD, "a", O_RDONLY) = 3
2 write(1, "x\n", 2) = 2
3 read(0, "x\n", 4096) = 2
` + between + `3 +++ exited with 0 +++
1 wait4(3, [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 3
1 +++ exited with 0 +++
`
}

const (
	finished = "2 openat(AT_FDCWD, \"b\", O_RDONLY) = 3\n2 write(1, \"y\\n\", 2) = 2\n2 +++ exited with 0 +++\n" +
		"1 wait4(2, [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 2\n"
	refused = "2 write(1, \"y\\n\", 2) = -1 EPIPE (Broken pipe)\n2 --- SIGPIPE {} ---\n2 +++ killed by SIGPIPE +++\n" +
		"1 wait4(2, [{WIFSIGNALED(s) && WTERMSIG(s) == SIGPIPE}], 0, NULL) = 2\n"
	handled = "2 write(1, \"y\\n\", 9999) = 2\n2 --- SIGPIPE {} ---\n2 tgkill(2, 2, SIGPIPE) = 0\n2 --- SIGPIPE {} ---\n2 +++ killed by SIGPIPE +++\n" +
		"1 wait4(2, [{WIFSIGNALED(s) && WTERMSIG(s) == SIGPIPE}], 0, NULL) = 2\n"
	// Without the signals: strace -e signal=none.
	quiet = "2 write(1, \"y\\n\", 9999) = -1 EPIPE (Broken pipe)\n2 tgkill(2, 2, SIGPIPE) = 0\n2 +++ killed by SIGPIPE +++\n" +
		"1 wait4(2, [{WIFSIGNALED(s) && WTERMSIG(s) == SIGPIPE}], 0, NULL) = 2\n"
	toTheEnd = "3 read(0, \"\", 4096) = 0\n"
	changing = "2 unlink(\"c\") = 0\n"
)

var depths = []golden.Depth{golden.Effects, golden.Calls, golden.Everything}

func differs(t *testing.T, a, b string, d golden.Depth) string {
	t.Helper()
	o := golden.Options{Depth: d}
	return golden.Report(golden.Compare(build(t, a, o), build(t, b, o)), golden.ReportStyle{}, "")
}

// How far a writer gets whose reader goes, and whether SIGPIPE tells it, is chance.
func TestReaderGoesFirst(t *testing.T) {
	ways := []string{finished, refused, handled, quiet}
	for _, d := range depths {
		for i, a := range ways {
			for k, b := range ways {
				if diff := differs(t, fall(a), fall(b), d); diff != "" {
					t.Errorf("%s, %d and %d:\n%s", d, i, k, diff)
				}
			}
		}
	}
}

// What is none of it, is shown, by what the report says of it.
func TestReaderGoesFirstHidesNothing(t *testing.T) {
	failed := strings.NewReplacer("+++ exited with 0 +++\n1 wait4(2", "+++ exited with 1 +++\n1 wait4(2").Replace(finished)
	for _, test := range []struct {
		name, was, now, want string
	}{
		{"SIGPIPE though all was read", fall(finished + toTheEnd), fall(refused + toTheEnd), "killed by SIGPIPE"},
		{"a reader that goes first and did not", fall(finished + toTheEnd), fall(finished), "exited with 0 or"},
		{"another status", fall(finished), fall(failed), "exited with 1"},
		{"a change that is new", fall(finished), fall(changing + finished), "c"},
		{"a change before SIGPIPE", fall(finished), fall(changing + refused), "c"},
		{"a change that SIGPIPE cut off before", fall(refused), fall(changing + finished), "c"},
		{"a change before the pipe that is gone", strings.Replace(fall(refused), "2 openat", changing+"2 openat", 1), fall(refused), "c"},
		{
			"what a program does about EPIPE that ignores SIGPIPE", fall("2 write(1, \"y\", 1) = -1 EPIPE (Broken pipe)\n2 +++ exited with 0 +++\n"),
			fall("2 write(1, \"y\", 1) = -1 EPIPE (Broken pipe)\n" + changing + "2 +++ exited with 0 +++\n"), "c",
		},
		{"SIGPIPE without a pipe", "1 +++ exited with 0 +++\n", "1 +++ killed by SIGPIPE +++\n", "killed by SIGPIPE"},
		{
			"SIGPIPE that was sent", fall("2 +++ exited with 0 +++\n" + toTheEnd), fall("2 --- SIGPIPE {} ---\n2 +++ killed by SIGPIPE +++\n" + toTheEnd),
			"killed by SIGPIPE",
		},
		{
			"what a child found of the first run", fall(finished + toTheEnd),
			fall(strings.Replace(finished, "WEXITSTATUS(s) == 0", "WEXITSTATUS(s) == 7", 1) + toTheEnd), "7",
		},
	} {
		for _, d := range depths {
			if d == golden.Effects && (strings.HasPrefix(test.name, "what a child found") || strings.HasSuffix(test.name, "that is gone")) {
				continue // the child's own end says it; effects have no order, so that SIGPIPE may have come before
			}
			if diff := differs(t, test.was, test.now, d); !strings.Contains(diff, test.want) {
				t.Errorf("%s, %s: %q is not told:\n%s", test.name, d, test.want, diff)
			}
		}
	}
	// A change that is gone, where nobody cut it off.
	for _, d := range depths {
		if diff := differs(t, fall(changing+finished), fall(finished), d); !strings.Contains(diff, "c") {
			t.Errorf("%s: a change that is gone is not told:\n%s", d, diff)
		}
		// Nor if a process was cut off that is not the only one of its program.
		main := "1 unlink(\"/main\") = 0\n"
		copies := strings.NewReplacer("2 execve(\"/usr/bin/writer\", [\"writer\"], 0x7ff) = 0\n", "")
		was, now := copies.Replace(fall(refused+main)), copies.Replace(fall(refused))
		if diff := differs(t, was, now, d); !strings.Contains(diff, "/main") {
			t.Errorf("%s: what the maker of a writer does not do is not told:\n%s", d, diff)
		}
		if diff := differs(t, fall(changing+finished), fall(refused), d); diff != "" {
			t.Errorf("%s: SIGPIPE came before a change:\n%s", d, diff)
		}
	}
}

// Whether a child runs its program yet when somebody names it is chance; which program
// it is in the end, is not.
func TestProgramsOfChildren(t *testing.T) {
	const early = start + "1 fork() = 2\n1 kill(2, SIGTERM) = 0\n1 wait4(2, [{WIFSIGNALED(s) && WTERMSIG(s) == SIGTERM}], 0, NULL) = 2\n2 execve(\"/usr/bin/child\", [\"child\"], 0x7ff) = 0\n"
	const late = start + "1 fork() = 2\n2 execve(\"/usr/bin/child\", [\"child\"], 0x7ff) = 0\n1 kill(2, SIGTERM) = 0\n1 wait4(2, [{WIFSIGNALED(s) && WTERMSIG(s) == SIGTERM}], 0, NULL) = 2\n"
	for _, d := range depths {
		if diff := differs(t, early, late, d); diff != "" {
			t.Errorf("%s:\n%s", d, diff)
		}
		for _, s := range []string{early, late} {
			if diff := differs(t, s, strings.ReplaceAll(s, "child", "other"), d); !strings.Contains(diff, "other") || strings.Contains(diff, "\x00") {
				t.Errorf("%s: another program is not told:\n%s", d, diff)
			}
			text := string(build(t, s, golden.Options{Depth: d}).Format())
			if !strings.Contains(text, map[golden.Depth]string{golden.Effects: "signal child", golden.Calls: "kill child", golden.Everything: "kill(PID(child), SIGTERM)"}[d]) {
				t.Errorf("%s: who is killed is not told:\n%s", d, text)
			}
		}
	}
}

// Whether a trace has the names of descriptors makes no difference where the program
// made them itself, and none for what it got.
func TestNamesOfDescriptors(t *testing.T) {
	plain := start + "1 fcntl(1, F_DUPFD, 10) = 10\n1 open(\"/d/x\", O_WRONLY) = 3\n1 dup2(3, 1) = 1\n1 dup2(10, 1) = 1\n1 write(1, \"a\", 1) = 1\n"
	named := start + "1 fcntl(1</dev/pts/1>, F_DUPFD, 10) = 10</dev/pts/1>\n1 open(\"/d/x\", O_WRONLY) = 3</d/x>\n1 dup2(3</d/x>, 1</dev/pts/1>) = 1</d/x>\n" +
		"1 dup2(10</dev/pts/1>, 1</d/x>) = 1</dev/pts/1>\n1 write(1</dev/pts/1>, \"a\", 1) = 1\n"
	for _, d := range depths {
		if diff := differs(t, plain, named, d); diff != "" {
			t.Errorf("%s:\n%s", d, diff)
		}
		for _, s := range []string{plain, named} {
			left := strings.Replace(strings.Replace(s, "1 dup2(10, 1) = 1\n", "", 1), "1 dup2(10</dev/pts/1>, 1</d/x>) = 1</dev/pts/1>\n", "", 1)
			left = strings.Replace(left, "write(1</dev/pts/1>", "write(1</d/x>", 1)
			if diff := differs(t, s, left, d); d > golden.Effects && !strings.Contains(diff, "</d/x>") {
				t.Errorf("%s: another file is not told:\n%s", d, diff)
			}
		}
	}
}

// A digest is one, however its file is made.
func TestDigests(t *testing.T) {
	h := strings.Repeat("a1", 19)
	for _, before := range []string{"", "1 getrandom(\"\", 8, GRND_NONBLOCK) = 8\n"} {
		text := string(build(t, start+before+`1 link("/s/.git/objects/35/`+h+`", "/d/.git/objects/35/`+h+`") = 0`+"\n", golden.Options{Depth: golden.Calls}).Format())
		if want := "link /s/.git/objects/HASH/HASH /d/.git/objects/HASH/HASH\n"; !strings.Contains(text, want) {
			t.Errorf("%q is not there:\n%s", want, text)
		}
	}
}

// In which pieces a pipe is read, and written on, is chance; what else is written is not.
func TestRelay(t *testing.T) {
	const before = start + "1 pipe([3, 4]) = 0\n1 close(4) = 0\n1 open(\"a\", O_WRONLY) = 5\n"
	once := before + "1 read(3, \"abcd\", 9) = 4\n1 write(1, \"abcd\", 4) = 4\n1 write(5, \"abcd\", 4) = 4\n1 read(3, \"\", 9) = 0\n"
	twice := before + "1 read(3, \"abc\", 9) = 3\n1 write(1, \"abc\", 3) = 3\n1 write(5, \"abc\", 3) = 3\n" +
		"1 read(3, \"d\", 9) = 1\n1 write(1, \"d\", 1) = 1\n1 write(5, \"d\", 1) = 1\n1 read(3, \"\", 9) = 0\n"
	for _, d := range depths {
		if diff := differs(t, once, twice, d); diff != "" {
			t.Errorf("%s:\n%s", d, diff)
		}
	}
	both := goStart + strings.TrimPrefix(once, start)
	if text := string(build(t, both, golden.Options{Depth: golden.Everything}).Format()); !strings.Contains(text, `write(<./a>, "abcd", 4) = 4`) {
		t.Errorf("a Go program is taken for a relay:\n%s", text)
	}
	more := once + "1 write(1, \"end of it\", 9) = 9\n"
	if diff := differs(t, once, more, golden.Everything); !strings.Contains(diff, "end of it") {
		t.Errorf("what is written besides is not told:\n%s", diff)
	}
	if diff := differs(t, more, strings.Replace(more, "end of it", "no end of", 1), golden.Everything); !strings.Contains(diff, "no end of") {
		t.Errorf("what is written otherwise is not told:\n%s", diff)
	}
}

// A pipe whose descriptors exec closes, or that somebody writes to who has its other end.
func TestEndsOfPipes(t *testing.T) {
	closing := strings.NewReplacer("pipe2([3, 4], 0)", "pipe2([3, 4], O_CLOEXEC)", "2 close(3) = 0\n", "", "2 close(4) = 0\n", "", "3 close(3) = 0\n", "", "3 close(4) = 0\n", "")
	byRange := strings.NewReplacer("2 close(3) = 0\n", "", "2 close(4) = 0\n", "2 close_range(3, 4294967295, 0) = 0\n")
	held := strings.NewReplacer("2 close(3) = 0\n", "", "O_RDONLY) = 3", "O_RDONLY) = 5")
	for _, test := range []struct {
		name string
		text string
		want bool
	}{
		{"closed", fall(finished), true},
		{"closed on exec", closing.Replace(fall(finished)), true},
		{"closed by a range", byRange.Replace(fall(finished)), true},
		{"held", held.Replace(fall(finished)), false},
	} {
		for _, d := range depths {
			text := string(build(t, test.text, golden.Options{Depth: d}).Format())
			if got := strings.Contains(text, "as its reader goes first"); got != test.want {
				t.Errorf("%s, %s: its reader may go first: %v, want %v\n%s", test.name, d, got, test.want, text)
			}
		}
	}
}

// Programs that do things as others get ready have no order of their own; shells and
// others have.
func TestOrder(t *testing.T) {
	loop := "1 epoll_create1(0) = 9\n1 epoll_ctl(9, EPOLL_CTL_ADD, 3, {events=EPOLLIN, data={u32=3, u64=3}}) = 0\n"
	jobs := "1 fork() = 2\n1 fork() = 3\n2 +++ exited with 0 +++\n1 wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 2\n1 fork() = 4\n"
	all := strings.Replace(jobs, "1 fork() = 4\n", "3 +++ exited with 0 +++\n1 wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 3\n1 fork() = 4\n", 1)
	for _, test := range []struct {
		name, program, text string
		want                bool
	}{
		{"a program", "app", "", true},
		{"one descriptor", "app", loop, true},
		{"an event loop", "app", loop + "1 epoll_ctl(9, EPOLL_CTL_ADD, 4, {events=EPOLLIN, data={u32=4, u64=4}}) = 0\n", false},
		{"jobs", "make", jobs, false},
		{"jobs of a shell", "sh", jobs, true},
		{"jobs that are looked for in vain", "make", "1 fork() = 2\n1 fork() = 3\n1 wait4(-1, 0x7ff, WNOHANG, NULL) = 0\n1 fork() = 4\n", true},
		{"jobs of make that are all waited for", "make", all, false},
		{"jobs that are all waited for", "app", all, true},
	} {
		begin := strings.ReplaceAll(start, "app", test.program) + test.text
		one, other := begin+"1 unlink(\"/a\") = 0\n1 unlink(\"/b\") = 0\n", begin+"1 unlink(\"/b\") = 0\n1 unlink(\"/a\") = 0\n"
		for _, d := range depths[1:] {
			if diff := differs(t, one, other, d); (diff != "") != test.want {
				t.Errorf("%s, %s: the order is told: %v, want %v\n%s", test.name, d, diff != "", test.want, diff)
			}
		}
	}
	woken := loop + "1 epoll_ctl(9, EPOLL_CTL_ADD, 4, {events=EPOLLIN, data={u32=4, u64=4}}) = 0\n1 eventfd2(0, EFD_CLOEXEC) = 7\n"
	for _, d := range depths {
		if diff := differs(t, start+woken, start+woken+"1 write(7, \"\\1\", 8) = 8\n1 read(7, \"\\1\", 8) = 8\n", d); diff != "" {
			t.Errorf("%s: an event loop that is woken:\n%s", d, diff)
		}
	}
}

const start = "1 execve(\"/usr/bin/app\", [\"app\"], 0x7ff) = 0\n"

const goStart = "1 execve(\"/usr/bin/app\", [\"app\"], 0x7ff) = 0\n1 openat(AT_FDCWD, \"/sys/kernel/mm/transparent_hugepage/hpage_pmd_size\", O_RDONLY) = 3\n" +
	"1 sched_getaffinity(0, 8192, [0 1]) = 8\n"

// Behind nothing that is left out can new behaviour hide: for each rule a call that
// it must not take.
func TestNothingHides(t *testing.T) {
	two := "1 fork() = 2\n1 fork() = 3\n2 +++ exited with 0 +++\n1 wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 2\n3 +++ exited with 0 +++\n" +
		"1 wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 3\n"
	for _, test := range []struct {
		rule, before, call string
		at                 golden.Depth
		want               string
	}{
		{"what the linker reads, written", start, `1 openat(AT_FDCWD, "/etc/ld.so.preload", O_RDWR|O_CREAT, 0644) = 3`, golden.Effects, "/etc/ld.so.preload"},
		{"Python's modules, written", start, `1 openat(AT_FDCWD, "/usr/lib/python3/os.py", O_RDWR) = 3`, golden.Effects, "os.py"},
		{
			"a control group, written through its descriptor", start + "1 openat(AT_FDCWD, \"/sys/fs/cgroup/x\", O_RDONLY) = 3\n",
			`1 write(3, "1", 1) = 1`, golden.Calls, "write",
		},
		{"an empty path with a descriptor: a link", start + "1 open(\"x\", O_RDWR) = 3\n", `1 linkat(3, "", AT_FDCWD, "/l", AT_EMPTY_PATH) = 0`, golden.Effects, "/l"},
		{"an empty path with a descriptor: an owner", start + "1 open(\"x\", O_RDWR) = 3\n", `1 fchownat(3, "", 0, 0, AT_EMPTY_PATH) = 0`, golden.Calls, "chown"},
		{"Go's runtime: another signal than its own", goStart, `1 tgkill(1, 1, SIGTERM) = 0`, golden.Effects, "sig"},
		{"Go's runtime: a signal by pidfd", goStart + "1 pidfd_open(77, 0) = 4\n", `1 pidfd_send_signal(4, SIGKILL, NULL, 0) = 0`, golden.Effects, "signal"},
		{"Go's runtime: memory that can be executed", goStart, `1 mmap(NULL, 4096, PROT_READ|PROT_WRITE|PROT_EXEC, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000001000`, golden.Everything, "PROT_EXEC"},
		{"Go's runtime: a lock", goStart + "1 open(\"x\", O_RDWR) = 3\n", `1 fcntl(3, F_SETLK, {l_type=F_WRLCK, l_whence=SEEK_SET, l_start=0, l_len=0}) = 0`, golden.Calls, "F_SETLK"},
		{"Go's runtime: a limit", goStart, `1 prlimit64(0, RLIMIT_CORE, {rlim_cur=0, rlim_max=0}, NULL) = 0`, golden.Calls, "prlimit64"},
		{"the allocator: memory that can be executed", start, `1 mprotect(0x7f0000001000, 4096, PROT_READ|PROT_EXEC) = 0`, golden.Everything, "PROT_EXEC"},
		{"limits that are asked for: one that is set", start, `1 prlimit64(77, RLIMIT_NOFILE, {rlim_cur=1, rlim_max=1}, NULL) = 0`, golden.Calls, "prlimit64"},
		{"temporary names: one that somebody chose", start, `1 openat(AT_FDCWD, "/d/authorized_keys", O_RDWR|O_CREAT|O_EXCL, 0600) = 3`, golden.Effects, "authorized_keys"},
		{"temporary folders: one that somebody chose", start, `1 mkdir("/d/private", 0700) = 0`, golden.Effects, "/d/private"},
		{"waits: a child more", start + two, "1 fork() = 4\n4 execve(\"/usr/bin/evil\", [\"evil\"], 0x7ff) = 0\n4 +++ exited with 0 +++", golden.Effects, "evil"},
		{"waits: that there is one", start + strings.ReplaceAll(two, "wait4(-1", "futex(0"), "1 wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 2", golden.Calls, "wait"},
		{"signals: one that is sent to another", start, `1 kill(77, SIGCHLD) = 0`, golden.Effects, "sig"},
		{"signals: one that comes", start, `1 --- SIGTERM {} ---`, golden.Calls, "SIGTERM"},
		{"a pipe to itself: one to another", start + "1 pipe([3, 4]) = 0\n1 close(3) = 0\n", `1 write(4, "x", 1) = 1`, golden.Calls, "write"},
		{"what would block: a connection that begins", start + "1 socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 3\n", `1 connect(3, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("192.0.2.1")}, 16) = -1 EINPROGRESS (Operation now in progress)`, golden.Effects, "192.0.2.1"},
		{"clocks that are read: one that is set", start, `1 clock_settime(CLOCK_REALTIME, {tv_sec=1, tv_nsec=0}) = 0`, golden.Calls, "clock_settime"},
		{"random bytes: of whatever length", start, `1 getrandom("\1\2", 2, 0) = 2`, golden.Everything, "getrandom"},
	} {
		for _, d := range depths {
			if d < test.at {
				continue
			}
			was, now := test.before+"1 +++ exited with 0 +++\n", test.before+test.call+"\n1 +++ exited with 0 +++\n"
			if diff := differs(t, was, now, d); !strings.Contains(strings.ToLower(diff), strings.ToLower(test.want)) {
				t.Errorf("%s, %s: it is not told:\n%s", test.rule, d, diff)
			}
		}
	}
}
