package golden_test

import (
	"strings"
	"testing"

	"strait/internal/golden"
)

// What differs by chance is told of at no depth; a change of the same kind is, from the
// depth at.
func TestChanceHidesNoChange(t *testing.T) {
	const (
		zero  = "[{WIFEXITED(s) && WEXITSTATUS(s) == 0}]"
		end   = "1 +++ exited with 0 +++\n"
		made  = "2 openat(AT_FDCWD, \"/d/ready\", O_WRONLY|O_CREAT, 0644) = 3\n2 +++ exited with 0 +++\n"
		none  = "1 newfstatat(AT_FDCWD, \"/d/ready\", 0x7ffc0000, 0) = -1 ENOENT (No such file or directory)\n"
		there = "1 newfstatat(AT_FDCWD, \"/d/ready\", {st_mode=S_IFREG|0644, st_size=0, ...}, 0) = 0\n"
		nap   = "1 clock_nanosleep(CLOCK_REALTIME, 0, {tv_sec=0, tv_nsec=1000}, NULL) = 0\n"
		job   = "1 fork() = 2\n"
		asked = "1 kill(2, 0) = 0\n"
	)
	// A sleep(1) between, by the shell that is 1.
	sleeps := func(pid string) string {
		return "1 vfork() = " + pid + "\n" + pid + " execve(\"/usr/bin/sleep\", [\"sleep\", \"1\"], 0x7ff) = 0\n" + pid + " +++ exited with 0 +++\n" +
			"1 wait4(" + pid + ", " + zero + ", 0, NULL) = " + pid + "\n"
	}
	sh := strings.Replace(start, "app", "sh", 2)
	temp := func(text string) (a, b string) {
		return start + strings.ReplaceAll(text, "XX", "Ab12Xy") + end, start + strings.ReplaceAll(text, "XX", "Qz77aa") + end
	}
	nested, nested2 := temp("1 mkdir(\"/tmp/d-XX\", 0700) = 0\n1 openat(AT_FDCWD, \"/tmp/d-XX/f-XX\", O_RDWR|O_CREAT|O_EXCL, 0600) = 3\n1 execve(\"/usr/bin/app\", [\"app\", \"/tmp/d-XX/f-XX\"], 0x7ff) = 0\n")
	bare, bare2 := temp("1 openat(AT_FDCWD, \"/d/f-XX\", O_RDWR|O_CREAT|O_EXCL, 0600) = 3\n1 execve(\"/usr/bin/app\", [\"app\", \"./f-XX\"], 0x7ff) = 0\n")
	like, like2 := temp("1 openat(AT_FDCWD, \"/d/mine-XX\", O_RDWR|O_CREAT|O_EXCL, 0600) = 3\n1 openat(AT_FDCWD, \"/d/mineXX\", O_RDWR|O_CREAT|O_EXCL, 0600) = 4\n")
	letters := strings.Replace(like2, "mine-Qz77aa", "mine-qzuvaa", 1) + "" // one whose letters happen to be small
	like = strings.Replace(like, "/d/mineAb12Xy", "/d/mine-Cd34Zz", 1)
	letters = strings.Replace(letters, "/d/mineQz77aa", "/d/mine-Ef56Gg", 1)
	pidName := func(pid string) string {
		return strings.ReplaceAll(start+"1 openat(AT_FDCWD, \"/d/.tmp-1-pack.idx\", O_WRONLY|O_CREAT, 0644) = 3\n1 newfstatat(AT_FDCWD, \"/d/.tmp-1-pack-abc.rev\", 0x7ff, 0) = -1 ENOENT (No such file or directory)\n"+
			"1 execve(\"/usr/bin/app\", [\"app\", \".tmp-1-pack\"], 0x7ff) = 0\n"+end, "1 ", pid+" ")
	}
	one, other := strings.ReplaceAll(pidName("1234"), "-1-", "-1234-"), strings.ReplaceAll(pidName("4711"), "-1-", "-4711-")
	for _, test := range []struct {
		name, a, b, changed string
		at                  golden.Depth
		want                string
	}{
		{
			"how often a shell looks for what another makes", sh + job + none + sleeps("7") + none + sleeps("8") + made + there + end, sh + job + made + there + end,
			sh + job + none + sleeps("7") + "1 unlink(\"/a\") = 0\n" + made + there + end, golden.Effects, "/a",
		},
		{
			"a look at what nobody makes at that time", sh + job + none + made + there + end, sh + job + made + there + end,
			sh + job + made + strings.Replace(none, "ready", "other", 1) + there + end, golden.Effects, "/d/other",
		},
		{
			"a look at what the program itself makes", sh + end, sh + end,
			sh + none + "1 openat(AT_FDCWD, \"/d/ready\", O_WRONLY|O_CREAT, 0644) = 3\n" + there + end, golden.Effects, "ENOENT",
		},
		{
			"a look at what a child makes that comes later", sh + job + made + there + end, sh + job + made + there + end,
			sh + none + job + made + there + end, golden.Effects, "ENOENT",
		},
		{
			"a look at what is never found", sh + job + made + end, sh + job + made + end,
			sh + job + none + made + end, golden.Effects, "ENOENT",
		},
		{
			"naps of who waits for a child", start + job + nap + asked + nap + made + end, start + job + nap + asked + nap + asked + nap + asked + nap + made + end,
			start + job + nap + asked + nap + strings.Replace(asked, "0)", "SIGTERM)", 1) + nap + made + end, golden.Calls, "SIGTERM",
		},
		{
			"naps after what would block", start + "1 pipe([3, 4]) = 0\n1 close(4) = 0\n1 read(3, \"x\", 1) = 1\n" + end,
			start + "1 pipe([3, 4]) = 0\n1 close(4) = 0\n1 read(3, 0x7ff, 1) = -1 EAGAIN (Resource temporarily unavailable)\n" + nap + "1 read(3, \"x\", 1) = 1\n" + end,
			start + "1 pipe([3, 4]) = 0\n1 close(4) = 0\n1 read(3, \"x\", 1) = 1\n" + nap + end, golden.Everything, "nanosleep",
		},
		{
			"naps after a wait in vain", start + job + "2 +++ exited with 0 +++\n" + end, start + job + "1 wait4(2, 0x7ff, WNOHANG, NULL) = 0\n" + nap + "2 +++ exited with 0 +++\n" + end,
			start + job + "1 wait4(2, " + zero + ", WNOHANG, NULL) = 2\n" + nap + "2 +++ exited with 0 +++\n" + end, golden.Everything, "nanosleep",
		},
		{
			"sleeps between equal looks", sh + strings.Repeat(none+sleeps("7"), 2) + end, sh + strings.Repeat(none+sleeps("7"), 4) + end,
			sh + none + sleeps("7") + none + strings.Replace(sleeps("8"), `"1"`, `"9"`, 1) + end, golden.Calls, "9",
		},
		{
			"a child between equal looks that is none to sleep", sh + none + end, sh + none + end,
			sh + none + strings.ReplaceAll(sleeps("7"), "sleep", "wget") + none + strings.ReplaceAll(sleeps("8"), "sleep", "wget") + end, golden.Calls, "process 1.2: wget",
		},
		{
			"a handler that is set and set back", start + end,
			start + "1 rt_sigaction(SIGINT, {sa_handler=SIG_IGN}, {sa_handler=SIG_DFL}, 8) = 0\n1 rt_sigaction(SIGINT, {sa_handler=SIG_DFL}, {sa_handler=SIG_IGN}, 8) = 0\n" + end,
			start + "1 rt_sigaction(SIGINT, {sa_handler=SIG_IGN}, {sa_handler=SIG_DFL}, 8) = 0\n1 rt_sigaction(SIGTERM, {sa_handler=SIG_DFL}, {sa_handler=SIG_IGN}, 8) = 0\n" + end,
			golden.Everything, "SIGINT",
		},
		{"a temporary file in a temporary folder", nested, nested2, strings.Replace(nested, `"/tmp/d-Ab12Xy/f-Ab12Xy"]`, `"/tmp/d-Ab12Xy/evil"]`, 1), golden.Calls, "/tmp/TEMP/evil"},
		{"a temporary file as who is there names it", bare, bare2, strings.Replace(bare, `"./f-Ab12Xy"`, `"./f-evil"`, 1), golden.Calls, "evil"},
		{"a temporary file's letters", like, letters, strings.Replace(like, "mine-Ab12Xy", "your-abcdef", 1), golden.Effects, "your-abcdef"},
		{"the id of a process in a name", one, other, strings.ReplaceAll(one, "pack-abc", "pack-evil"), golden.Effects, "evil"},
		{
			"a temporary name that is not used", start + "1 newfstatat(AT_FDCWD, \"/tmp/tmp.0VyOavFOtb\", 0x7ff, AT_SYMLINK_NOFOLLOW) = -1 ENOENT (No such file or directory)\n" + end,
			start + "1 newfstatat(AT_FDCWD, \"/tmp/tmp.pVgz6BGJjI\", 0x7ff, AT_SYMLINK_NOFOLLOW) = -1 ENOENT (No such file or directory)\n" + end,
			start + "1 newfstatat(AT_FDCWD, \"/tmp/cfg.pVgz6BGJjI\", 0x7ff, AT_SYMLINK_NOFOLLOW) = -1 ENOENT (No such file or directory)\n" + end, golden.Effects, "cfg",
		},
		{
			"git's look at the file system", start + "1 openat(AT_FDCWD, \"/r/.git/tdjrnqs\", O_RDWR|O_CREAT|O_EXCL, 0600) = 3\n1 unlink(\"/r/.git/tdjrnqs\") = 0\n" + end,
			start + "1 openat(AT_FDCWD, \"/r/.git/tqzuvaa\", O_RDWR|O_CREAT|O_EXCL, 0600) = 3\n1 unlink(\"/r/.git/tqzuvaa\") = 0\n" + end,
			start + "1 openat(AT_FDCWD, \"/r/.git/tdjrnqs\", O_RDWR|O_CREAT|O_EXCL, 0600) = 3\n" + end, golden.Effects, "tdjrnqs",
		},
		{
			"an id that is written down", strings.ReplaceAll(start+"1 open(\"/d/pid\", O_WRONLY) = 3\n1 write(3, \"1\\n\", 5) = 5\n"+end, "1", "1234"),
			strings.ReplaceAll(start+"1 open(\"/d/pid\", O_WRONLY) = 3\n1 write(3, \"1\\n\", 5) = 5\n"+end, "1", "4711"),
			strings.Replace(strings.ReplaceAll(start+"1 open(\"/d/pid\", O_WRONLY) = 3\n1 write(3, \"1\\n\", 5) = 5\n"+end, "1", "1234"), `"1234\n"`, `"9999\n"`, 1), golden.Everything, "9999",
		},
		{
			"moments and durations", start + "1 write(1, \"--- PASS: TestA (0.12s)\\n\", 24) = 24\n1 write(2, \"1 B copied, 0.00437425 s, 9.4 MB/s\", 34) = 34\n1 write(1, \"1 Nov 30 13:33 out\", 18) = 18\n" + end,
			start + "1 write(1, \"--- PASS: TestA (10.00s)\\n\", 25) = 25\n1 write(2, \"1 B copied, 2.1e-05 s, 19.15 GB/s\", 33) = 33\n1 write(1, \"1 Dec  1 03:04 out\", 18) = 18\n" + end,
			start + "1 write(1, \"--- FAIL: TestA (0.12s)\\n\", 24) = 24\n1 write(2, \"1 B copied, 0.00437425 s, 9.4 MB/s\", 34) = 34\n1 write(1, \"1 Nov 30 13:33 out\", 18) = 18\n" + end, golden.Everything, "FAIL",
		},
		{
			"a length that is no duration", start + "1 write(1, \"wait 1.5s\\n\", 10) = 10\n" + end, start + "1 write(1, \"wait 1.5s\\n\", 10) = 10\n" + end,
			start + "1 write(1, \"wait 2.5s\\n\", 10) = 10\n" + end, golden.Everything, "2.5s",
		},
		{
			"the number of a question to a name server", start + "1 socket(AF_INET, SOCK_DGRAM, IPPROTO_IP) = 3\n1 connect(3, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr(\"192.0.2.1\")}, 16) = 0\n1 sendto(3, \"\\260E\\1\\0\\2vm\", 7, 0, NULL, 0) = 7\n" + end,
			start + "1 socket(AF_INET, SOCK_DGRAM, IPPROTO_IP) = 3\n1 connect(3, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr(\"192.0.2.1\")}, 16) = 0\n1 sendto(3, \"a\\\"\\1\\0\\2vm\", 7, 0, NULL, 0) = 7\n" + end,
			start + "1 socket(AF_INET, SOCK_DGRAM, IPPROTO_IP) = 3\n1 connect(3, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr(\"192.0.2.1\")}, 16) = 0\n1 sendto(3, \"\\260E\\1\\0\\4evil\", 9, 0, NULL, 0) = 9\n" + end, golden.Everything, "evil",
		},
		{
			"in which pieces an answer comes", start + "1 pipe([3, 4]) = 0\n1 close(4) = 0\n1 read(3, \"head\\r\\nbody\\n\", 99) = 11\n1 open(\"/o\", O_WRONLY) = 5\n1 write(5, \"body\\n\", 5) = 5\n" + end,
			start + "1 pipe([3, 4]) = 0\n1 close(4) = 0\n1 read(3, \"head\\r\\n\", 99) = 6\n1 read(3, \"body\\n\", 99) = 5\n1 open(\"/o\", O_WRONLY) = 5\n1 write(5, \"body\\n\", 5) = 5\n" + end,
			start + "1 pipe([3, 4]) = 0\n1 close(4) = 0\n1 read(3, \"head\\r\\nbody\\n\", 99) = 11\n1 open(\"/o\", O_WRONLY) = 5\n1 write(5, \"evil\\n\", 5) = 5\n" + end, golden.Everything, "evil",
		},
		{
			"how much is in a file of a child that was waited for", start + job + made + "1 wait4(2, " + zero + ", 0, NULL) = 2\n" + there + end, start + job + made + "1 wait4(2, " + zero + ", 0, NULL) = 2\n" + there + end,
			start + job + made + "1 wait4(2, " + zero + ", 0, NULL) = 2\n" + strings.Replace(there, "st_size=0", "st_size=77", 1) + end, golden.Everything, "st_size=77",
		},
		{
			"how much is in a file of one of two children", start + job + "1 fork() = 3\n" + made + "1 wait4(-1, " + zero + ", 0, NULL) = 2\n3 +++ exited with 0 +++\n1 wait4(-1, " + zero + ", 0, NULL) = 3\n" + there + end,
			start + job + "1 fork() = 3\n3 +++ exited with 0 +++\n1 wait4(-1, " + zero + ", 0, NULL) = 3\n" + made + "1 wait4(-1, " + zero + ", 0, NULL) = 2\n" + there + end,
			start + job + "1 fork() = 3\n" + made + "1 wait4(-1, " + zero + ", 0, NULL) = 2\n3 +++ exited with 0 +++\n1 wait4(-1, " + zero + ", 0, NULL) = 3\n" + strings.Replace(there, "st_size=0", "st_size=77", 1) + end, golden.Everything, "st_size=77",
		},
		{
			"how much is in a file of a child that may be at it", start + job + made + there + end, start + job + made + strings.Replace(there, "st_size=0", "st_size=77", 1) + end,
			start + job + made + strings.Replace(there, "0644", "0755", 1) + end, golden.Everything, "0755",
		},
		{
			"whether a process is there", start + job + asked + made + end, start + job + asked + made + end,
			start + job + strings.Replace(asked, "0)", "SIGKILL)", 1) + made + end, golden.Calls, "SIGKILL",
		},
		{
			"how much is in an output that others write to", start + "1 newfstatat(1</d/o>, \"\", {st_mode=S_IFREG|0644, st_size=38, ...}, AT_EMPTY_PATH) = 0\n" + end,
			start + "1 newfstatat(1</d/o>, \"\", {st_mode=S_IFREG|0644, st_size=0, ...}, AT_EMPTY_PATH) = 0\n" + end,
			start + "1 newfstatat(1</d/o>, \"\", {st_mode=S_IFIFO|0644, st_size=0, ...}, AT_EMPTY_PATH) = 0\n" + end, golden.Everything, "S_IFIFO",
		},
		{
			"the moment that a file gets", start + "1 utimensat(AT_FDCWD, \"/d/f\", [{tv_sec=1764496800, tv_nsec=123} /* 2025-11-30T10:00:00.000000123+0000 */, UTIME_OMIT], 0) = 0\n" + end,
			start + "1 utimensat(AT_FDCWD, \"/d/f\", [{tv_sec=1764496801, tv_nsec=77} /* 2025-11-30T10:00:01.000000077+0000 */, UTIME_OMIT], 0) = 0\n" + end,
			start + "1 utimensat(AT_FDCWD, \"/d/f\", [{tv_sec=12, tv_nsec=77}, UTIME_OMIT], 0) = 0\n" + end, golden.Everything, "tv_sec=12, tv_nsec=77",
		},
		{
			"the port of who calls", start + "1 accept4(3, {sa_family=AF_INET, sin_port=htons(39954), sin_addr=inet_addr(\"127.0.0.1\")}, [16], SOCK_CLOEXEC) = 5\n" + end,
			start + "1 accept4(3, {sa_family=AF_INET, sin_port=htons(47572), sin_addr=inet_addr(\"127.0.0.1\")}, [16], SOCK_CLOEXEC) = 5\n" + end,
			start + "1 accept4(3, {sa_family=AF_INET, sin_port=htons(47572), sin_addr=inet_addr(\"192.0.2.1\")}, [16], SOCK_CLOEXEC) = 5\n" + end, golden.Everything, "192.0.2.1",
		},
	} {
		for _, d := range depths {
			// As with golden files: what was is read from text.
			was, err := golden.Parse("was", build(t, test.a, golden.Options{Depth: d}).Format())
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range []string{test.a, test.b} {
				if list := golden.Compare(was, build(t, s, golden.Options{Depth: d})); len(list) > 0 {
					t.Errorf("%s, %s:\n%s", test.name, d, golden.Report(list, golden.ReportStyle{}, ""))
				}
			}
			diff := golden.Report(golden.Compare(was, build(t, test.changed, golden.Options{Depth: d})), golden.ReportStyle{}, "")
			if got := strings.Contains(diff, test.want); got != (d >= test.at) {
				t.Errorf("%s, %s: %q is told: %v\n%s", test.name, d, test.want, got, diff)
			}
		}
	}
}

// pool is a program with two workers, copies or threads of it, that do this.
func pool(threads bool, first, second string) string {
	begin, ends := "1 fork() = 2\n1 fork() = 3\n", "2 +++ exited with 0 +++\n3 +++ exited with 0 +++\n"
	if threads {
		begin = strings.ReplaceAll(begin, "fork()", "clone(child_stack=0x7ff, flags=CLONE_VM|CLONE_FILES|CLONE_THREAD)")
	}
	lines := func(tid, names string) (out string) {
		for name := range strings.SplitSeq(names, "") {
			if name != "" {
				out += tid + " unlink(\"/w/" + name + "\") = 0\n" + tid + " mkdir(\"/w/" + name + "\", 0755) = 0\n"
			}
		}
		return out
	}
	return start + "1 pipe2([3, 4], 0) = 0\n" + begin + lines("2", first) + lines("3", second) + ends + "1 +++ exited with 0 +++\n"
}

// Which of several workers does what is chance; that it is done, once, and in which
// order where one has done both, is not.
func TestPools(t *testing.T) {
	for _, threads := range []bool{false, true} {
		was := pool(threads, "ac", "bd")
		for _, d := range depths[1:] {
			for _, same := range [][2]string{{"ac", "bd"}, {"abc", "d"}, {"ad", "bc"}, {"b", "acd"}, {"d", "abc"}} {
				if diff := differs(t, was, pool(threads, same[0], same[1]), d); diff != "" {
					t.Errorf("threads %v, %s, %v:\n%s", threads, d, same, diff)
				}
			}
			for want, other := range map[string][2]string{
				"/w/e": {"ac", "bde"}, "/w/d": {"abc", ""}, "/w/a": {"abc", "ad"}, "order": {"ca", "bd"}, "/w/c": {"db", "ca"},
			} {
				diff := differs(t, was, pool(threads, other[0], other[1]), d)
				if diff == "" || !strings.Contains(diff, want) {
					t.Errorf("threads %v, %s, %v: %q is not told:\n%s", threads, d, other, want, diff)
				}
			}
			// One that runs another program is none of them.
			evil := strings.Replace(was, "3 unlink(\"/w/b\")", "3 execve(\"/usr/bin/evil\", [\"evil\"], 0x7ff) = 0\n3 unlink(\"/w/b\")", 1)
			if diff := differs(t, was, evil, d); !threads && !strings.Contains(diff, "evil") {
				t.Errorf("%s: another program is not told:\n%s", d, diff)
			}
		}
	}
}

// Which worker had something to write to its maker is chance, and so is whether SIGPIPE
// could have told it; that one failed is not.
func TestPoolsPipes(t *testing.T) {
	idle := pool(false, "ab", "c")
	talks := func(tid string) string {
		return strings.Replace(idle, tid+" +++ exited", tid+" close(3) = 0\n"+tid+" write(4, \"x\", 1) = 1\n"+tid+" +++ exited", 1)
	}
	for _, d := range depths[1:] {
		if diff := differs(t, talks("2"), talks("3"), d); diff != "" {
			t.Errorf("%s:\n%s", d, diff)
		}
		failed := strings.Replace(talks("3"), "2 +++ exited with 0", "2 +++ exited with 1", 1)
		if diff := differs(t, talks("2"), failed, d); !strings.Contains(diff, "exited with 1") {
			t.Errorf("%s: a worker that failed is not told:\n%s", d, diff)
		}
	}
}

// In which way a file is copied is its version's affair, of the program and of the
// file system; which, is not.
func TestCopies(t *testing.T) {
	begin := start + "1 open(\"/in\", O_RDONLY) = 3\n1 open(\"/out\", O_WRONLY) = 4\n"
	ways := []string{
		"1 read(3, \"ab\", 9) = 2\n1 write(4, \"ab\", 2) = 2\n",
		"1 copy_file_range(3, NULL, 4, NULL, 9, 0) = 2\n1 copy_file_range(3, NULL, 4, NULL, 9, 0) = 0\n",
		"1 ioctl(4, BTRFS_IOC_CLONE or FICLONE, 3) = 0\n",
		"1 ioctl(4, BTRFS_IOC_CLONE or FICLONE, 3) = -1 EOPNOTSUPP (Operation not supported)\n1 sendfile(4, 3, NULL, 9) = 2\n1 sendfile(4, 3, NULL, 9) = 0\n",
	}
	for i, a := range ways {
		for k, b := range ways {
			if diff := differs(t, begin+a, begin+b, golden.Calls); diff != "" {
				t.Errorf("%d and %d:\n%s", i, k, diff)
			}
		}
		if diff := differs(t, begin+a, begin+strings.Replace(a, "1 ", "1 open(\"/other\", O_RDONLY) = 3\n1 ", 1), golden.Calls); !strings.Contains(diff, "read </other>") {
			t.Errorf("%d: another file is not told:\n%s", i, diff)
		}
	}
}

// Processes of one program belong together by what they do, whatever order they were
// made in; what one does otherwise is told.
func TestMatchByLines(t *testing.T) {
	job := func(name, does string) string {
		return "1 fork() = " + name + "\n" + name + " execve(\"/usr/bin/mk\", [\"mk\"], 0x7ff) = 0\n" + name + " " + does + " = 0\n" + name + " +++ exited with 0 +++\n"
	}
	x, y := `mkdir("/x", 0755)`, `mkdir("/y", 0755)`
	was := start + job("2", x) + job("3", y)
	for _, d := range depths[1:] {
		if diff := differs(t, was, start+job("2", y)+job("3", x), d); diff != "" {
			t.Errorf("%s:\n%s", d, diff)
		}
		diff := differs(t, was, start+job("2", y)+job("3", `mkdir("/z", 0755)`), d)
		if !strings.Contains(diff, "/z") || !strings.Contains(diff, "/x") || strings.Contains(diff, "/y") {
			t.Errorf("%s: only /x and /z are to be told:\n%s", d, diff)
		}
	}
}

// What stands behind a value that is left out is still there.
func TestValuesLeftOut(t *testing.T) {
	text := string(build(t, start+"1 newfstatat(1, \"\", {st_mode=S_IFREG|0644, st_ino=7, st_size=38, ...}, AT_EMPTY_PATH) = 0\n", golden.Options{Depth: golden.Everything}).Format())
	if want := `newfstatat(<stdout>, "", {st_mode=S_IFREG|0644, st_ino=N, st_size=N, ...}, AT_EMPTY_PATH) = 0`; !strings.Contains(text, want) {
		t.Errorf("%s is not there:\n%s", want, text)
	}
}
