package forkexec

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"strait/forkexec/startlimit"

	"golang.org/x/sys/unix"
)

// The test binary is also the program that the tests start: with this in its
// environment it does what the words in Args[1:] say, and exits.
const programEnv = "FORKEXEC_TEST_PROGRAM=1"

func TestMain(m *testing.M) {
	if os.Getenv("FORKEXEC_TEST_PROGRAM") != "" {
		os.Exit(program(os.Args[1:]))
	}
	// What the tests inherited is none of the programs' that they start.
	if err := unix.CloseRange(3, ^uint(0), unix.CLOSE_RANGE_CLOEXEC); err != nil && err != unix.ENOSYS {
		fmt.Fprintln(os.Stderr, "close_range:", err)
	}
	os.Exit(m.Run())
}

// program writes what it was asked for to descriptor 1, a line each.
func program(words []string) int {
	for _, w := range words {
		name, arg, _ := strings.Cut(w, "=")
		f := programs[name]
		if f == nil {
			fmt.Fprintln(os.Stderr, "no such program:", w)
			return 99
		}
		if code := f(arg); code >= 0 {
			return code
		}
	}
	return 0
}

var programs = map[string]func(string) int{
	"exit": func(a string) int { n, _ := strconv.Atoi(a); return n },
	"print": func(a string) int {
		fmt.Println(a)
		return -1
	},
	"args": func(string) int { fmt.Printf("%q\n", os.Args); return -1 },
	"env":  func(a string) int { fmt.Println(os.Getenv(a)); return -1 },
	"cwd": func(string) int {
		dir, _ := unix.Getwd()
		fmt.Println(dir)
		return -1
	},
	"ids": func(string) int {
		groups, _ := unix.Getgroups()
		fmt.Println(unix.Getuid(), unix.Geteuid(), unix.Getgid(), groups)
		return -1
	},
	"status": func(a string) int {
		fmt.Println(procStatus("self", a))
		return -1
	},
	"caps": func(string) int {
		fmt.Println(procStatus("self", "CapEff"), procStatus("self", "CapPrm"), procStatus("self", "CapBnd"), procStatus("self", "CapAmb"))
		return -1
	},
	"session": func(string) int {
		sid, _ := unix.Getsid(0)
		fmt.Println(sid == unix.Getpid(), unix.Getpgrp() == unix.Getpid())
		return -1
	},
	"kill": func(a string) int {
		n, _ := strconv.Atoi(a)
		_ = unix.Kill(unix.Getpid(), unix.Signal(n))
		select {}
	},
	"listen": func(string) int {
		// By hand: package net would make this a program that needs a libc.
		at := &unix.SockaddrInet4{Port: 7, Addr: [4]byte{127, 0, 0, 1}}
		l, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
		err = errors.Join(err, unix.Bind(l, at), unix.Listen(l, 1))
		d, err2 := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
		if err = errors.Join(err, err2, unix.Connect(d, at)); err != nil {
			fmt.Println(err)
			return 1
		}
		fmt.Println("connected")
		return -1
	},
	"list": func(a string) int {
		entries, err := os.ReadDir(a)
		names := []string{}
		for _, e := range entries {
			names = append(names, e.Name())
		}
		if err != nil {
			fmt.Println(err)
			return 1
		}
		fmt.Println(names)
		return -1
	},
	"uptime": func(string) int {
		var ts unix.Timespec
		_ = unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts)
		fmt.Println(ts.Sec / 3600)
		return -1
	},
	// A namespace within: its binds of a mount with flags that are locked.
	"again": func(string) int {
		dir := os.Getenv("DIR")
		exe, _ := os.Executable()
		p, err := Start(&Cmd{
			Path: exe, Args: []string{"x", "flags"}, Namespaces: unix.CLONE_NEWUSER | unix.CLONE_NEWNS,
			UIDMap: []IDMap{{0, 0, 1}}, GIDMap: []IDMap{{0, 0, 1}},
			Mounts: []Mount{{Type: "bind", Source: dir, Target: dir, Options: "ro"}},
		})
		if err != nil {
			fmt.Println(err)
			return 1
		}
		_, _ = p.Wait()
		return -1
	},
	"flags": func(string) int {
		dir := os.Getenv("DIR")
		var names []string
		var st unix.Statfs_t
		_ = unix.Statfs(dir+"/sub", &st)
		for _, f := range []struct {
			flag int64
			name string
		}{{unix.MS_NOEXEC, "noexec"}, {unix.MS_NODEV, "nodev"}, {unix.MS_NOSUID, "nosuid"}} {
			if int64(st.Flags)&f.flag != 0 {
				names = append(names, f.name)
			}
		}
		fmt.Println(os.WriteFile(dir+"/x", nil, 0o600) != nil, os.WriteFile(dir+"/sub/x", nil, 0o600) != nil, strings.Join(names, ","))
		return -1
	},
	"tty": func(string) int {
		_, err := unix.Open("/dev/tty", unix.O_RDWR, 0)
		pgrp, err2 := unix.IoctlGetInt(0, unix.TIOCGPGRP)
		if err != nil || err2 != nil {
			fmt.Println(err, err2)
			return 1
		}
		fmt.Println("terminal", pgrp == unix.Getpgrp())
		return -1
	},
	"ttyagain": func(string) int {
		exe, _ := os.Executable()
		p, err := Start(&Cmd{Path: exe, Args: []string{"x", "tty"}, Setpgid: true, Foreground: new(int)})
		if err != nil {
			fmt.Println(err)
			return 1
		}
		_, _ = p.Wait()
		return -1
	},
	"cgroup": func(a string) int {
		c := &Cmd{Path: "/bin/cat", Args: []string{"cat", "/proc/self/cgroup"}, Cgroup: a}
		p, err := Start(c)
		if err != nil {
			fmt.Println(err)
			return 1
		}
		_, _ = p.Wait()
		return -1
	},
	"hostname": func(string) int {
		_, err := Start(&Cmd{Path: "/bin/nope", Namespaces: unix.CLONE_NEWUTS, Hostname: "x"})
		fmt.Println(err)
		return -1
	},
	"flood": func(string) int {
		exe, _ := os.Executable()
		if _, err := Start(&Cmd{Path: exe, Args: []string{"x", "flooding"}, Setsid: true}); err != nil {
			return 1
		}
		return 0
	},
	"flooding": func(string) int {
		for {
			if _, err := unix.Write(1, make([]byte, 4096)); err != nil {
				return 0
			}
		}
	},
	// A child of a child in a session of its own, which is alive until
	// descriptor 0 ends, and holds descriptor 1.
	"orphan": func(string) int {
		exe, _ := os.Executable()
		_, err := Start(&Cmd{Path: exe, Args: []string{"x", "orphaned"}, Setsid: true})
		if err != nil {
			fmt.Println(err)
			return 1
		}
		fmt.Println("written")
		return 0
	},
	"orphaned": func(string) int {
		exe, _ := os.Executable()
		if _, err := Start(&Cmd{Path: exe, Args: []string{"x", "hold"}, Setsid: true}); err != nil {
			return 1
		}
		return 0
	},
	"hold": func(string) int {
		_, _ = unix.Read(0, make([]byte, 1))
		return 0
	},
	"memory": func(a string) int {
		n, _ := strconv.Atoi(a)
		b := make([]byte, n<<20)
		for i := 0; i < len(b); i += 4096 {
			b[i] = 1
		}
		return 0
	},
	"nofile": func(string) int {
		cur, _, _ := startlimit.Nofile()
		fmt.Println(cur)
		return -1
	},
	"startshell": func(string) int {
		p, err := Start(&Cmd{Path: "/bin/sh", Args: []string{"sh", "-c", "ulimit -S -n"}})
		if err != nil {
			fmt.Println(err)
			return 1
		}
		_, _ = p.Wait()
		return -1
	},
}

// procStatus gives a field of /proc/PID/status.
func procStatus(pid, field string) string {
	data, err := os.ReadFile("/proc/" + pid + "/status")
	if err != nil {
		return err.Error()
	}
	for line := range strings.Lines(string(data)) {
		if rest, ok := strings.CutPrefix(line, field+":"); ok {
			return strings.TrimSpace(rest)
		}
	}
	return "none"
}

// openFiles lists the descriptors of this process, without the one that reads
// the list and those of the Go runtime's poller.
func openFiles() []string {
	dir, err := os.Open("/proc/self/fd")
	if err != nil {
		return []string{err.Error()}
	}
	defer dir.Close()
	names, _ := dir.Readdirnames(-1)
	var open []string
	for _, name := range names {
		to, err := os.Readlink("/proc/self/fd/" + name)
		if err != nil || name == strconv.Itoa(int(dir.Fd())) || strings.HasPrefix(to, "anon_inode:[event") {
			continue
		}
		open = append(open, name)
	}
	return open
}

// self is a Cmd that runs the words in the test binary.
func self(t testing.TB, words ...string) *Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return &Cmd{
		Path: exe,
		Args: append([]string{filepath.Base(exe)}, words...),
		Env:  append(os.Environ(), programEnv, "GORACE=atexit_sleep_ms=0"),
	}
}

// output starts c with a pipe for descriptor 1 and gives what it wrote, without
// the last newline, and how it ended.
func output(t testing.TB, c *Cmd) (string, *Result) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if c.Files == nil {
		c.Files = []int{0, -1, 2}
	}
	c.Files[1] = int(w.Fd())
	p, err := Start(c)
	_ = w.Close()
	if err != nil {
		t.Fatalf("Start: %v", err)
	}
	var out strings.Builder
	buf := make([]byte, 4096)
	for {
		n, err := r.Read(buf)
		out.Write(buf[:n])
		if err != nil {
			break
		}
	}
	res, err := p.Wait()
	if err != nil {
		t.Fatalf("Wait: %v", err)
	}
	return strings.TrimSuffix(out.String(), "\n"), res
}

// children are the pids of this process's children, zombies too.
func children(t testing.TB) []string {
	t.Helper()
	var pids []string
	stats, _ := filepath.Glob("/proc/[0-9]*/status")
	me := strconv.Itoa(os.Getpid())
	for _, path := range stats {
		pid := filepath.Base(filepath.Dir(path))
		if procStatus(pid, "PPid") == me {
			pids = append(pids, pid+" "+procStatus(pid, "State"))
		}
	}
	return pids
}

// unchanged fails the test if f leaves a descriptor or a child behind.
func unchanged(t testing.TB, f func()) {
	t.Helper()
	before := openFiles()
	f()
	if after := openFiles(); len(after) > len(before) {
		t.Errorf("descriptors before %v, after %v", before, after)
	}
	if pids := children(t); len(pids) != 0 {
		t.Errorf("children left: %v", pids)
	}
}
