package forkexec

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestMoreParameters has the fields of isolation.
func TestMoreParameters(t *testing.T) {
	big := 2000
	for _, tt := range []struct {
		cmd  Cmd
		want string
	}{
		{Cmd{Path: "x", Namespaces: 1}, "check Namespaces: 0x1 is no flag of a namespace"},
		{Cmd{Path: "x", UIDMap: []IDMap{{0, 0, 1}}}, "check UIDMap: needs CLONE_NEWUSER in Namespaces"},
		{Cmd{Path: "x", Namespaces: unix.CLONE_NEWUSER, UIDMap: []IDMap{{0, 0, 0}}}, "check UIDMap[0]: a Count of 0"},
		{Cmd{Path: "x", Namespaces: unix.CLONE_NEWUSER, GIDMap: []IDMap{{0, 0, 5}, {4, 9, 1}}}, "check GIDMap[1]: overlaps an earlier one"},
		{Cmd{Path: "x", Namespaces: unix.CLONE_NEWUSER, GIDMap: []IDMap{{0, ^uint32(0), 5}}}, "check GIDMap[0]: beyond the last id"},
		{Cmd{Path: "x", GIDMap: []IDMap{{0, 0, 1}}}, "check GIDMap: needs CLONE_NEWUSER in Namespaces"},
		{Cmd{Path: "x", AllowSetgroups: true}, "check AllowSetgroups: needs CLONE_NEWUSER in Namespaces"},
		{Cmd{Path: "x", Namespaces: unix.CLONE_NEWUSER, UIDMap: make([]IDMap, 341)}, "check UIDMap: 341 ranges, more than 340"},
		{Cmd{Path: "x", Namespaces: unix.CLONE_NEWUTS, Hostname: "\x00"}, "check Hostname: contains a NUL byte"},
		{Cmd{Path: "x", Namespaces: unix.CLONE_NEWNS, Mounts: []Mount{{Type: "tmpfs", Target: "/x", Options: "\x00"}}}, "check Mounts[0]: contains a NUL byte"},
		{Cmd{Path: "x", Namespaces: unix.CLONE_NEWNS, Mounts: []Mount{{Type: "bind", Target: "/x"}}}, "check Mounts[0]: bind without a Source"},
		{Cmd{Path: "x", IOPriority: new(4 << 13)}, "check IOPriority: 32768 is no priority"},
		{Cmd{Path: "x", Caps: &Caps{Keep: 1, Ambient: 1}, Securebits: secbitNoCapAmbientRaise}, "check Caps: an ambient capability conflicts with SECBIT_NO_CAP_AMBIENT_RAISE in Securebits"},
		{Cmd{Path: "x", Rlimits: []Rlimit{{Resource: 16}}}, "check Rlimits[0]: 16 is no resource"},
		{Cmd{Path: "x", Landlock: &Landlock{HandledFS: 1, Paths: []LandlockPath{{"/", 3}}}}, "check Landlock.Paths[0]: access 0x2 is not handled"},
		{Cmd{Path: "x", Landlock: &Landlock{HandledNet: 1, Ports: []LandlockPort{{80, 0}}}}, "check Landlock.Ports[0]: allows nothing"},
		{Cmd{Path: "x", Cgroup: "/", Limits: Limits{CPUs: math.NaN()}}, "check Limits.CPUs: NaN is no number of processors"},
		{Cmd{Path: "x", Hostname: "h"}, "check Hostname: needs CLONE_NEWUTS in Namespaces"},
		{Cmd{Path: "x", Domainname: "h"}, "check Domainname: needs CLONE_NEWUTS in Namespaces"},
		{Cmd{Path: "x", TimeOffsets: TimeOffsets{Monotonic: 1}}, "check TimeOffsets: needs CLONE_NEWTIME in Namespaces"},
		{Cmd{Path: "x", Root: "/"}, "check Root: needs CLONE_NEWNS in Namespaces"},
		{Cmd{Path: "x", Mounts: []Mount{{}}}, "check Mounts: needs CLONE_NEWNS in Namespaces"},
		{Cmd{Path: "x", Namespaces: unix.CLONE_NEWNS, Mounts: []Mount{{Type: "tmpfs", Target: "x"}}}, `check Mounts[0]: target "x" is not absolute`},
		{Cmd{Path: "x", Namespaces: unix.CLONE_NEWNS, Mounts: []Mount{{Target: "/x"}}}, "check Mounts[0]: no Type"},
		{Cmd{Path: "x", Namespaces: unix.CLONE_NEWNS, Root: "/", Mounts: []Mount{{Type: "tmpfs", Target: "/"}}}, "check Mounts[0]: a new root that is not the first mount"},
		{Cmd{Path: "x", Namespaces: unix.CLONE_NEWNS, Mounts: []Mount{{Type: "bind", Source: "/", Target: "/x", Options: "size=1"}}}, "check Mounts[0]: option size=1 is none of a bind mount"},
		{Cmd{Path: "x", Namespaces: unix.CLONE_NEWNS, ReadonlyRoot: true}, "check ReadonlyRoot: needs Root, or a mount on /"},
		{Cmd{Path: "x", Umask: &big}, "check Umask: 03720 is no mask of modes"},
		{Cmd{Path: "x", Nice: &big}, "check Nice: 2000 is not in -20 to 19"},
		{Cmd{Path: "x", OOMScoreAdj: &big}, "check OOMScoreAdj: 2000 is not in -1000 to 1000"},
		{Cmd{Path: "x", Caps: &Caps{Ambient: 1}}, "check Caps: an ambient capability is not kept"},
		{Cmd{Path: "x", Rlimits: []Rlimit{{Soft: 2, Max: 1}}}, "check Rlimits[0]: soft limit 2 above the hard one, 1"},
		{Cmd{Path: "x", SeccompListener: true}, "check SeccompListener: needs Seccomp"},
		{Cmd{Path: "x", Limits: Limits{Output: 1}}, "check Limits.Output: needs Stdout or Stderr"},
		{Cmd{Path: "x", Limits: Limits{CPUs: 1}}, "check Limits.CPUs: needs Cgroup"},
	} {
		_, err := Start(&tt.cmd)
		var e *Error
		if !errors.As(err, &e) || e.Kind != KindParameter || err.Error() != tt.want {
			t.Errorf("got %v, want %s", err, tt.want)
		}
	}
}

// TestSystem has the plain values, as the program sees them.
func TestSystem(t *testing.T) {
	umask, nice, oom := 0o27, 5, 500
	forms(t, func(t *testing.T, form func(*Cmd) *Cmd) {
		for _, tt := range []struct {
			script string
			change func(*Cmd)
			want   string
		}{
			{"umask", func(c *Cmd) { c.Umask = &umask }, "0027"},
			{"cut -d' ' -f19 /proc/self/stat", func(c *Cmd) { c.Nice = &nice }, "5"},
			{"cat /proc/self/oom_score_adj", func(c *Cmd) { c.OOMScoreAdj = &oom }, "500"},
			{"cat /proc/self/personality", func(c *Cmd) { c.NoASLR = true }, "00040000"},
			{"ulimit -t", func(c *Cmd) { c.Rlimits = []Rlimit{{unix.RLIMIT_CPU, 77, 88}} }, "77"},
			{"ulimit -n", func(c *Cmd) { c.Limits.OpenFiles = 33 }, "33"},
			{"grep -c . /proc/self/status >&2", func(c *Cmd) { c.ParentDeath = unix.SIGTERM }, ""},
		} {
			c := form(sh(tt.script))
			tt.change(c)
			c.Files = []int{0, 1, devNull(t)}
			if got, _ := output(t, c); got != tt.want {
				t.Errorf("%s: got %q, want %q", tt.script, got, tt.want)
			}
		}
	})
}

// TestCaps drops, keeps and raises in a user namespace, where everyone has all.
func TestCaps(t *testing.T) {
	needUserNS(t)
	const kill = uint64(1) << unix.CAP_KILL
	c := rooted(self(t, "caps"))
	c.Caps = &Caps{Keep: kill}
	if got, want := first(output(t, c)), fmt.Sprintf("%016x %016[1]x %016[1]x %016x", kill, 0); got != want {
		t.Errorf("kept: got %q, want %q", got, want)
	}
	c = rooted(self(t, "caps"))
	c.UIDMap[0].Inside = 1000
	c.Caps = &Caps{Keep: kill, Ambient: kill}
	if got, want := first(output(t, c)), fmt.Sprintf("%016x %016[1]x %016[1]x %016[1]x", kill); got != want {
		t.Errorf("ambient: got %q, want %q", got, want)
	}
}

func needRoot(t testing.TB) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root, to change user")
	}
}

func TestCredential(t *testing.T) {
	needRoot(t)
	tmp, err := os.MkdirTemp("/tmp", "forkexec")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(tmp)
	for _, mode := range []PtraceMode{PtraceNone, PtraceSeize} {
		c := sh("id -u; id -g; id -G; grep Groups /proc/self/status")
		c.Credential = &Credential{UID: 1234, GID: 2345, Groups: []uint32{11, 12}}
		c.Ptrace = mode
		if mode != PtraceNone {
			continue
		}
		if got := first(output(t, c)); !strings.HasPrefix(got, "1234\n2345\n2345 11 12\nGroups:\t11 12") {
			t.Errorf("got %q", got)
		}
	}
	const kill = uint64(1) << unix.CAP_KILL
	c := sh("grep Cap /proc/self/status")
	c.Credential = &Credential{UID: 1234, GID: 2345}
	c.Caps = &Caps{Keep: kill, Ambient: kill}
	got := first(output(t, c))
	if n := strings.Count(got, fmt.Sprintf("%016x", kill)); n != 5 {
		t.Errorf("capabilities of a user: %s", got)
	}
}

// TestSecurebits: they do not take along the capabilities that a user who is not
// root keeps.
func TestSecurebits(t *testing.T) {
	needRoot(t)
	const kill = uint64(1) << unix.CAP_KILL
	forms(t, func(t *testing.T, form func(*Cmd) *Cmd) {
		c := form(sh("grep Cap /proc/self/status"))
		c.Credential = &Credential{UID: 1234, GID: 2345}
		c.Caps = &Caps{Keep: kill, Ambient: kill}
		c.Securebits = 1<<0 | 1<<1 // SECBIT_NOROOT, locked
		got := first(output(t, c))
		if n := strings.Count(got, fmt.Sprintf("%016x", kill)); n != 5 {
			t.Errorf("capabilities of a user: %s", got)
		}
	})
}

// TestTracedUser: a child that has changed its user is traced all the same.
func TestTracedUser(t *testing.T) {
	tracing(t, func(t *testing.T, mode PtraceMode) {
		c := sh("exit 3")
		switch os.Geteuid() {
		case 0:
			c.Credential = &Credential{UID: 1234, GID: 1234}
		default:
			needUserNS(t)
			rooted(c)
			c.Credential = &Credential{NoSetGroups: true}
		}
		c.Ptrace, c.PtraceOptions = mode, traceOptions
		unchanged(t, func() {
			p, err := Start(c)
			if err != nil {
				t.Fatal(err)
			}
			defer p.Release()
			if got := seen(t, p, unix.PTRACE_CONT, 0); !slices.Equal(got, []string{"EXEC", "exit 3"}) {
				t.Errorf("got %v", got)
			}
		})
	})
}

// TestTracedContainer: all of it together, an init of a pid namespace traced.
func TestTracedContainer(t *testing.T) {
	needUserNS(t)
	needMountSetattr(t)
	tracing(t, func(t *testing.T, mode PtraceMode) {
		c := rooted(sh("exit 3"))
		c.Namespaces |= everyNamespace
		c.Mounts = system()
		c.NoNewPrivs = true
		c.Ptrace, c.PtraceOptions = mode, traceOptions
		c.Seccomp = filter(unix.SYS_WRITE, unix.SECCOMP_RET_KILL_PROCESS)
		unchanged(t, func() {
			p, err := Start(c)
			if err != nil {
				t.Fatal(err)
			}
			if got := seen(t, p, unix.PTRACE_CONT, 0); !slices.Equal(got, []string{"EXEC", "exit 3"}) {
				t.Errorf("got %v", got)
			}
			if r, err := p.Reaped(3<<8, nil); err != nil || r.Status.ExitStatus() != 3 {
				t.Error(r, err)
			}
		})
	})
}

func needLandlock(t testing.TB) int {
	t.Helper()
	abi, _, errno := unix.RawSyscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if errno != 0 {
		t.Skip("no landlock: ", errno)
	}
	return int(abi)
}

// TestFewFiles: the start itself takes none of the descriptors that the program
// may have.
func TestFewFiles(t *testing.T) {
	forms(t, func(t *testing.T, form func(*Cmd) *Cmd) {
		for _, change := range []func(*Cmd){
			func(c *Cmd) { c.Limits.OpenFiles = 6 },
			func(c *Cmd) { c.Rlimits = []Rlimit{{unix.RLIMIT_NOFILE, 6, 6}} },
		} {
			c := form(self(t, "nofile"))
			c.Path, c.Search = filepath.Base(c.Path), "/nope:"+filepath.Dir(c.Path)
			c.NoNewPrivs = true
			c.Landlock = &Landlock{HandledFS: unix.LANDLOCK_ACCESS_FS_MAKE_DIR, BestEffort: true, Paths: []LandlockPath{{"/", unix.LANDLOCK_ACCESS_FS_MAKE_DIR}}}
			c.Files = []int{0, 1, 2, 0, 0} // one is left for the loader
			change(c)
			if got := first(output(t, c)); got != "6" {
				t.Errorf("got %q", got)
			}
		}
	})
}

func TestLandlock(t *testing.T) {
	needLandlock(t)
	dir := t.TempDir()
	allowed, denied := filepath.Join(dir, "allowed"), filepath.Join(dir, "denied")
	for _, f := range []string{allowed, denied} {
		if err := os.WriteFile(f, []byte("text\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	const read = unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_READ_DIR | unix.LANDLOCK_ACCESS_FS_EXECUTE
	forms(t, func(t *testing.T, form func(*Cmd) *Cmd) {
		c := form(sh("cat " + allowed + "; cat " + denied + " 2>/dev/null || echo no"))
		c.NoNewPrivs = true
		c.Landlock = &Landlock{
			HandledFS: read | 1<<40, HandledNet: 1, BestEffort: true,
			Paths: []LandlockPath{{"/bin", read}, {"/usr", read}, {"/lib", read}, {"/etc", read}, {"/dev", read}, {allowed, read}},
			Ports: []LandlockPort{{80, 1}},
		}
		if _, err := os.Stat("/lib64"); err == nil {
			c.Landlock.Paths = append(c.Landlock.Paths, LandlockPath{"/lib64", read})
		}
		if got := first(output(t, c)); got != "text\nno" {
			t.Errorf("got %q", got)
		}
		c.Files, c.Landlock.BestEffort = nil, false
		if _, err := Start(c); !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.E2BIG) {
			t.Errorf("a right that no kernel knows: %v", err)
		}
	})
}
