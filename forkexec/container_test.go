package forkexec

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// needUserNS skips where this user may make no user namespace.
func needUserNS(t testing.TB) {
	t.Helper()
	p, err := Start(&Cmd{Path: "/bin/sh", Args: []string{"sh", "-c", ":"}, Namespaces: unix.CLONE_NEWUSER})
	if errors.Is(err, unix.EPERM) || errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EINVAL) {
		t.Skip("no user namespaces here: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Wait(); err != nil {
		t.Fatal(err)
	}
}

// rooted gives c a user namespace in which this user is root.
func rooted(c *Cmd) *Cmd {
	c.Namespaces |= unix.CLONE_NEWUSER
	c.UIDMap = []IDMap{{0, uint32(os.Geteuid()), 1}}
	c.GIDMap = []IDMap{{0, uint32(os.Getegid()), 1}}
	return c
}

// sh is a Cmd of a shell script.
func sh(script string) *Cmd {
	return &Cmd{Path: "/bin/sh", Args: []string{"sh", "-c", script}}
}

// system are the mounts of a root file system with the programs of this one.
func system() []Mount {
	mounts := []Mount{{Type: "tmpfs", Target: "/", Options: "size=1m,mode=755"}}
	for _, dir := range []string{"/bin", "/sbin", "/lib", "/lib64", "/lib32", "/usr", "/etc"} {
		if to, err := os.Readlink(dir); err == nil {
			mounts = append(mounts, Mount{Type: "symlink", Source: to, Target: dir})
			continue
		}
		mounts = append(mounts, Mount{Type: "bind", Source: dir, Target: dir, Options: "ro", Optional: true})
	}
	return append(mounts, Mount{Type: "proc", Target: "/proc"}, Mount{Type: "dev", Target: "/dev"}, Mount{Type: "tmpfs", Target: "/tmp"})
}

const everyNamespace = unix.CLONE_NEWNS | unix.CLONE_NEWPID | unix.CLONE_NEWNET | unix.CLONE_NEWIPC | unix.CLONE_NEWUTS | unix.CLONE_NEWCGROUP

func TestContainer(t *testing.T) {
	needUserNS(t)
	needMountSetattr(t)
	for _, tt := range []struct {
		script string
		change func(*Cmd)
		want   string
	}{
		{"id -u; id -g", nil, "0\n0"},
		{"echo $$", nil, "1"},
		{"ls /", nil, ""},
		{"hostname; uname -n", func(c *Cmd) { c.Hostname = "inside" }, "inside\ninside"},
		{"cat /proc/sys/kernel/domainname", func(c *Cmd) { c.Domainname = "example" }, "example"},
		{"cat /proc/sys/kernel/domainname", func(c *Cmd) { c.Domainname = "" }, "(none)"},
		{"grep -c lo: /proc/net/dev", nil, "1"},
		{"touch /usr/x 2>&1", nil, "Read-only file system"},
		{"touch /x /tmp/x && echo ok", nil, "ok"},
		{"touch /x 2>&1; touch /tmp/x && echo ok", func(c *Cmd) { c.ReadonlyRoot = true }, "Read-only file system\nok"},
		{"echo x > /dev/null && head -c 2 /dev/zero | od -An -tx1 && readlink /dev/fd && readlink /dev/ptmx", nil, " 00 00\n/proc/self/fd\npts/ptmx"},
		{"pwd", nil, "/"},
		{"pwd", func(c *Cmd) { c.Dir = "/usr" }, "/usr"},
		{"cat /proc/self/setgroups", nil, "deny"},
		{"grep -c . /proc/self/mountinfo | tr -d 0-9; grep ' /.* / ' /proc/self/mountinfo | grep -vc tmpfs", nil, "\n0"},
		{"ls -d /proc/[0-9]* | head -1", nil, "/proc/1"},
	} {
		c := rooted(sh(tt.script))
		c.Namespaces |= everyNamespace
		c.Mounts = system()
		if tt.change != nil {
			tt.change(c)
		}
		got, _ := output(t, c)
		if tt.script == "ls /" {
			if _, err := os.Stat("/work"); err == nil && strings.Contains(got, "work") || !strings.Contains(got, "proc") {
				t.Errorf("/ has %q", got)
			}
			continue
		}
		for i, want := range strings.Split(tt.want, "\n") {
			lines := append(strings.Split(got, "\n"), "", "", "", "")
			if !strings.HasSuffix(lines[i], want) || want == "" && lines[i] != "" {
				t.Errorf("%s: got %q, want %q", tt.script, got, tt.want)
				break
			}
		}
	}
}

// TestInit: the program is not process 1, so a signal of its own ends it.
func TestInit(t *testing.T) {
	needUserNS(t)
	for _, tt := range []struct {
		script string
		want   string
		signal unix.Signal
	}{
		{"echo $$", "2", 0},
		{"kill -TERM $$", "", unix.SIGTERM},
	} {
		unchanged(t, func() {
			c := rooted(sh(tt.script))
			c.Namespaces |= unix.CLONE_NEWPID | unix.CLONE_NEWNS
			c.Init = true
			c.Mounts = []Mount{{Type: "proc", Target: "/proc"}}
			got, r := output(t, c)
			if got != tt.want || r.Status.Signaled() != (tt.signal != 0) || tt.signal != 0 && r.Status.Signal() != tt.signal {
				t.Errorf("%s: got %q, status %#x", tt.script, got, r.Status)
			}
		})
	}
	unchanged(t, func() {
		_, err := Start(&Cmd{Path: "/bin/nope", Contain: true})
		if !errors.Is(err, unix.ENOENT) {
			t.Errorf("got %v", err)
		}
		c := sh("exit 5")
		c.Contain, c.PIDFD = true, true
		c.Sync = func(pid int) error { return errors.New("no") }
		if _, err := Start(c); err == nil {
			t.Error("no error")
		}
	})
	tracing(t, func(t *testing.T, mode PtraceMode) {
		unchanged(t, func() {
			c := sh("exit 3")
			c.Contain, c.Ptrace, c.PtraceOptions = true, mode, traceOptions
			p, err := Start(c)
			if err != nil {
				t.Fatal(err)
			}
			if got := seen(t, p, unix.PTRACE_CONT, 0); !slices.Equal(got, []string{"EXEC", "exit 3"}) {
				t.Errorf("got %v", got)
			}
			if _, err := p.Reaped(3<<8, nil); err != nil {
				t.Error(err)
			}
			reapAll() // the init
		})
	})
}

// TestLoopback: the only interface of a new network namespace works.
// TestInitHoldsNothing: the init, which is a copy of the caller, is no way out of
// the new root, and shows nothing of it.
func TestInitHoldsNothing(t *testing.T) {
	needUserNS(t)
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	if dir == "/" {
		t.Skip("the directory is the root")
	}
	look := func(c *Cmd) string {
		c.Namespaces |= unix.CLONE_NEWNS | unix.CLONE_NEWPID
		c.Init, c.Mounts = true, system()
		return first(output(t, c))
	}
	c := rooted(sh("for f in cwd root exe; do readlink /proc/1/$f; done; cat /proc/1/environ 2>/dev/null; echo end"))
	if got := look(c); got != "end" {
		t.Errorf("in a user namespace: got %q", got)
	}
	// An initramfs stays where it is, and the init in it.
	if os.Geteuid() == 0 && !rootIsInitramfs() {
		if got := look(sh("for f in cwd root; do cd /proc/1/$f && echo *; done; cd /; echo *")); len(slices.Compact(strings.Split(got, "\n"))) != 1 {
			t.Errorf("without one: got %q", got)
		}
	}
}

func TestLoopback(t *testing.T) {
	needUserNS(t)
	c := rooted(self(t, "listen"))
	c.Namespaces |= unix.CLONE_NEWNET
	if got, _ := output(t, c); got != "connected" {
		t.Errorf("got %q", got)
	}
}

// TestRoot has a directory as root, with a mount below it, a symbolic link in it
// that would lead out, and the old root gone.
func TestRoot(t *testing.T) {
	needUserNS(t)
	needMountSetattr(t)
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, "dir"), 0o755); err != nil {
		t.Fatal(err)
	}
	outside := t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, outside), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(root, "escape")); err != nil {
		t.Fatal(err)
	}
	c := rooted(self(t, "cwd", "list=/", "list="+outside, "list=/made"))
	exe := c.Path
	c.Path = "/program"
	c.Namespaces |= unix.CLONE_NEWNS
	c.Root = root
	c.Mounts = []Mount{
		{Type: "bind", Source: exe, Target: "/program", Options: "ro,nosuid"},
		{Type: "tmpfs", Target: "/escape/made"},
		{Type: "dir", Target: "/made/deep/er"},
	}
	libraries := []string{"lib", "lib64", "usr"} // which a binary with the race detector needs
	for _, dir := range libraries {
		c.Mounts = append(c.Mounts, Mount{Type: "bind", Source: "/" + dir, Target: "/" + dir, Optional: true})
	}
	got, res := output(t, c)
	for _, dir := range libraries {
		got = strings.Replace(got, " "+dir, "", 1)
	}
	// The link is resolved in the new root: there the directory is made.
	want := "/\n[dir escape made program " + strings.Split(outside, "/")[1] + "]\n[made]\n[deep]"
	if got != want || !res.Success() {
		t.Errorf("got %q, want %q, %v", got, want, res.Status)
	}
	if entries, err := os.ReadDir(outside); err != nil || len(entries) != 0 {
		t.Errorf("outside the root: %v %v", entries, err)
	}
}

// TestReadonlyBind: what is mounted below is read-only too, and a flag that was
// there is not lost.
// TestMountPointModes: the caller's mask of modes is for the program, not for
// what the start makes.
func TestMountPointModes(t *testing.T) {
	needUserNS(t)
	needMountSetattr(t)
	defer unix.Umask(unix.Umask(0o077))
	mask := 0o027
	for want, set := range map[string]*int{"755 755 0077": nil, "755 755 0027": &mask} {
		c := rooted(sh("echo $(stat -c %a /new /new/dir) $(umask)"))
		c.Namespaces |= unix.CLONE_NEWNS | unix.CLONE_NEWPID
		c.Umask = set
		c.Mounts = append(system(), Mount{Type: "dir", Target: "/new/dir"})
		if got := first(output(t, c)); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestReadonlyBind(t *testing.T) {
	needUserNS(t)
	needMountSetattr(t)
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o755); err != nil {
		t.Fatal(err)
	}
	c := rooted(self(t, "again"))
	c.Namespaces |= unix.CLONE_NEWNS
	c.Mounts = []Mount{{Type: "tmpfs", Target: dir + "/sub", Options: "nosuid,nodev,noexec"}}
	c.Env = append(c.Env, "DIR="+dir)
	got, _ := output(t, c)
	if want := "true true noexec,nodev,nosuid"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestOverlay(t *testing.T) {
	needUserNS(t)
	dir := t.TempDir()
	for _, d := range []string{"lower", "upper", "work", "merged"} {
		if err := os.Mkdir(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "lower", "f"), []byte("lower"), 0o644); err != nil {
		t.Fatal(err)
	}
	c := rooted(sh("cd " + dir + "/merged && cat f > /dev/null && echo upper > f"))
	c.Namespaces |= unix.CLONE_NEWNS
	c.Mounts = []Mount{{Type: "overlay", Source: "overlay", Target: dir + "/merged", Options: fmt.Sprintf("lowerdir=%[1]s/lower,upperdir=%[1]s/upper,workdir=%[1]s/work", dir)}}
	p, err := Start(c)
	if errors.Is(err, unix.EPERM) || errors.Is(err, unix.ENODEV) {
		t.Skip("no overlay in a user namespace here: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	if r, err := p.Wait(); err != nil || !r.Success() {
		t.Fatal(r, err)
	}
	for file, want := range map[string]string{"lower/f": "lower", "upper/f": "upper\n"} {
		if got, err := os.ReadFile(filepath.Join(dir, file)); err != nil || string(got) != want {
			t.Errorf("%s: %q %v", file, got, err)
		}
	}
}

func TestTimeNamespace(t *testing.T) {
	needUserNS(t)
	c := rooted(self(t, "uptime"))
	c.Namespaces |= unix.CLONE_NEWTIME
	c.TimeOffsets.Boottime = 1000 * time.Hour
	if _, err := os.Stat("/proc/self/timens_offsets"); err != nil {
		t.Skip("no time namespaces: ", err)
	}
	got, _ := output(t, c)
	var hours int
	if _, err := fmt.Sscan(got, &hours); err != nil || hours < 1000 {
		t.Errorf("up for %s hours", got)
	}
}

// TestConfigurationErrors: each failing step is named, with its subject.
func TestConfigurationErrors(t *testing.T) {
	needUserNS(t)
	ns := func(flags uintptr, change func(*Cmd)) *Cmd {
		c := rooted(sh(":"))
		c.Namespaces |= flags
		change(c)
		return c
	}
	long := strings.Repeat("x", 64)
	for _, tt := range []struct {
		cmd  *Cmd
		want string
	}{
		{ns(unix.CLONE_NEWNS, func(c *Cmd) { c.Mounts = []Mount{{Type: "bind", Source: "/nope", Target: "/tmp"}} }), "open mount source /nope: open_tree: no such file or directory"},
		{ns(unix.CLONE_NEWNS, func(c *Cmd) { c.Mounts = []Mount{{Type: "nofs", Target: "/tmp"}} }), "mount nofs on /tmp: fsopen: no such device"},
		{ns(unix.CLONE_NEWNS, func(c *Cmd) { c.Mounts = []Mount{{Type: "tmpfs", Target: "/tmp", Options: "nope=1"}} }), "mount tmpfs on /tmp: fsconfig: invalid argument: tmpfs: Unknown parameter 'nope'"},
		{ns(unix.CLONE_NEWNS, func(c *Cmd) { c.Mounts = []Mount{{Type: "tmpfs", Target: "/proc/nope"}} }), "mount tmpfs on /proc/nope: make mount point: no such file or directory"},
		{ns(unix.CLONE_NEWNS, func(c *Cmd) { c.Mounts = []Mount{{Type: "tmpfs", Target: "/dev/null/x"}} }), "mount tmpfs on /dev/null/x: openat2: not a directory"},
		{ns(unix.CLONE_NEWNS, func(c *Cmd) { c.Root = "/nope" }), "open mount source /nope: open_tree: no such file or directory"},
		{ns(unix.CLONE_NEWNS, func(c *Cmd) { c.Mounts = []Mount{{Type: "proc", Target: "/proc"}}; c.Dir = "/nope" }), "mount proc on /proc: fsconfig: operation not permitted"},
		// A host name that is too long for the kernel is refused here already;
		// without the capability it is the kernel that refuses.
		{&Cmd{Path: "/", Namespaces: unix.CLONE_NEWUSER | unix.CLONE_NEWUTS, Hostname: long + "y"}, "check Hostname: 65 bytes, more than 64"},
		{&Cmd{Path: "/", Namespaces: unix.CLONE_NEWUSER, Credential: &Credential{UID: 1}}, "setgroups: operation not permitted"},
		{&Cmd{Path: "/", Namespaces: unix.CLONE_NEWUSER, Credential: &Credential{UID: 1, NoSetGroups: true}}, "setgid: invalid argument"},
		{&Cmd{Path: "/", Rlimits: []Rlimit{{unix.RLIMIT_NOFILE, unix.RLIM_INFINITY, unix.RLIM_INFINITY}}}, "set resource limit Rlimits[0]: operation not permitted"},
		{&Cmd{Path: "/", Securebits: 1 << 30, NoNewPrivs: true}, "set securebits: operation not permitted"},
		{&Cmd{Path: "/", Landlock: &Landlock{HandledFS: 1, Paths: []LandlockPath{{"/nope", 1}}}}, "landlock /nope: no such file or directory"},
	} {
		if tt.cmd.Landlock != nil {
			needLandlock(t)
		}
		unchanged(t, func() {
			_, err := Start(tt.cmd)
			if err == nil || err.Error() != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

// TestSethostnameFails: its error is not lost, with the program not started.
func TestSethostnameFails(t *testing.T) {
	needUserNS(t)
	c := rooted(self(t, "hostname")) // which sets one, under a filter that refuses that
	c.NoNewPrivs = true
	c.Seccomp = filter(unix.SYS_SETHOSTNAME, unix.SECCOMP_RET_ERRNO|uint32(unix.EPERM))
	if got, _ := output(t, c); got != "sethostname x: operation not permitted" {
		t.Errorf("got %q", got)
	}
}

// TestIDMapByProgram: more than one's own id takes newuidmap, here one that
// tells what it was asked, and refuses.
func TestIDMapByProgram(t *testing.T) {
	needUserNS(t)
	if os.Geteuid() == 0 {
		t.Skip("root writes mappings itself")
	}
	program := filepath.Join(t.TempDir(), "newuidmap")
	if err := os.WriteFile(program, []byte("#!/bin/sh\nshift\necho \"asked for $*\"\nexit 1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	unchanged(t, func() {
		_, err := Start(&Cmd{
			Path: "/bin/sh", Namespaces: unix.CLONE_NEWUSER, NewUIDMap: program,
			UIDMap: []IDMap{{0, uint32(os.Geteuid()), 1}, {1, 100000, 65536}},
		})
		var e *Error
		want := fmt.Sprintf("map ids uid_map: %s: the child exited with status 1: asked for 0 %d 1 1 100000 65536", program, os.Geteuid())
		if !errors.As(err, &e) || e.Step != StepIDMap || e.Kind != KindSynchronisation || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	})
}

// TestSetgroupsDenied: so it is by default, whoever writes the mapping.
func TestSetgroupsDenied(t *testing.T) {
	needUserNS(t)
	if os.Geteuid() == 0 {
		t.Skip("root writes mappings itself")
	}
	program := filepath.Join(t.TempDir(), "newgidmap")
	if err := os.WriteFile(program, []byte("#!/bin/sh\ncat /proc/$1/setgroups\nexit 1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	_, err := Start(&Cmd{
		Path: "/bin/sh", Namespaces: unix.CLONE_NEWUSER, NewGIDMap: program,
		GIDMap: []IDMap{{0, uint32(os.Getegid()), 1}, {1, 1 << 31, 65536}},
	})
	if err == nil || !strings.HasSuffix(err.Error(), ": deny") {
		t.Errorf("got %v", err)
	}
}

// TestManyIDs: root maps a range.
func TestManyIDs(t *testing.T) {
	needRoot(t)
	needUserNS(t)
	c := sh("cat /proc/self/uid_map | tr -s ' '; id -u; id -G")
	c.Namespaces = unix.CLONE_NEWUSER
	c.UIDMap = []IDMap{{0, 100000, 1000}}
	c.GIDMap = []IDMap{{0, 100000, 1000}}
	c.AllowSetgroups = true
	c.Credential = &Credential{UID: 5, GID: 6, Groups: []uint32{7}}
	if got, want := first(output(t, c)), " 0 100000 1000\n5\n6 7"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
