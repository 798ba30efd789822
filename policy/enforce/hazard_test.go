package enforce

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"strait/policy"
	"strait/syscalls"

	"golang.org/x/sys/unix"
)

// TestHazards: what reaches around names is denied unless a rule names it, and then left
// alone.
func TestHazards(t *testing.T) {
	path := func(effect, name string) policy.Pair {
		return policy.Pair{Effect: effect, Path: name, Known: true, Arg: 1, Dir: -1}
	}
	for _, c := range []struct {
		call string
		args [6]uint64
		pair policy.Pair
		rule string // that names it
	}{
		{"acct", [6]uint64{}, path("fs.write", "/x"), "allow acct"},
		{"swapon", [6]uint64{}, path("fs.write", "/x"), "allow @system"},
		{"finit_module", [6]uint64{}, policy.Pair{Known: true}, "allow finit_module"},
		{"umount2", [6]uint64{}, path("fs.mount", "/x"), "allow fs.mount /x"},
		{"ioctl", [6]uint64{3, 0x50009417}, policy.Pair{Known: true}, "allow ioctl where op == 0x50009417"},
		{"setsockopt", [6]uint64{3, unix.SOL_IP, unix.IP_OPTIONS}, policy.Pair{Known: true}, "allow setsockopt where optname == IP_OPTIONS"},
		{"setsockopt", [6]uint64{3, solSCTP | 1<<32, 110}, policy.Pair{Known: true}, "allow setsockopt where level == 132"},
		{"openat", [6]uint64{0, 0, unix.O_WRONLY}, path("fs.write", "/proc/sys/kernel/core_pattern"), "allow fs.write /proc/sys/**"},
		{"openat", [6]uint64{0, 0, unix.O_RDWR}, path("fs.write", "/sys/fs/cgroup/x/release_agent"), "allow fs.write /sys/fs/cgroup/**"},
		{"openat", [6]uint64{}, path("fs.read", "/proc/kcore"), "allow fs.read /proc/kcore"},
		{"openat", [6]uint64{0, 0, unix.O_WRONLY}, path("fs.write", "/proc/123/mem"), "allow fs.write /proc/*/mem"},
	} {
		for _, named := range []bool{false, true} {
			rule := "allow *"
			if named {
				rule = c.rule
			}
			p := load(t, "version: 1\nprofiles:\n  main:\n    - "+rule+"\n")
			ev := &syscalls.Event{}
			ev.Reset()
			ev.ABI = syscalls.ByName(nativeName)
			ev.Nr, _ = ev.ABI.Number(c.call)
			ev.Call, ev.Args = ev.ABI.Call(ev.Nr), c.args
			d := policy.Decider{Policy: p}
			v := d.DecidePairs("main", ev, []policy.Pair{c.pair})
			hazard(ev, []policy.Pair{c.pair}, &v)
			if got := runs(v.Action.Kind); got != named {
				t.Errorf("%s %v %s under %q: allowed %v, %s", c.call, c.args, c.pair.Path, rule, got, v.Why)
			}
		}
	}
	for _, c := range []struct {
		mode         uint32
		major, minor uint32
		want         bool
	}{
		{unix.S_IFBLK, 8, 0, true},
		{unix.S_IFCHR, 1, 1, true},
		{unix.S_IFCHR, 1, 3, false},
		{unix.S_IFCHR, 21, 0, true},
		{unix.S_IFREG, 8, 0, false},
		{unix.S_IFCHR, 5, 0, false},
	} {
		if got := isRaw(c.mode|0o600, unix.Mkdev(c.major, c.minor)); got != c.want {
			t.Errorf("device %#o %d:%d: %v, want %v", c.mode, c.major, c.minor, got, c.want)
		}
	}
}

// TestSettings: what a program in a network namespace of its own sets in /proc/sys/net is
// set there, and not where the supervisor is.
func TestSettings(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("an ordinary user's supervisor does not enter namespaces")
	}
	const name = "/proc/sys/net/core/somaxconn"
	if os.Getenv("STRAIT_TEST_OUTER") == "" { // should it fail, then not on the machine
		exe, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		c := exec.Command(exe, "-test.run=^TestSettings$")
		c.Env = append(os.Environ(), "STRAIT_TEST_OUTER=1")
		c.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET | unix.CLONE_NEWIPC}
		out, err := c.CombinedOutput()
		if err != nil && len(out) == 0 {
			t.Skip("no network namespaces: ", err)
		}
		if err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	if _, err := exec.LookPath("unshare"); err != nil {
		t.Skip(err)
	}
	before, err := os.ReadFile(name)
	if err != nil {
		t.Skip(err)
	}
	got := sh(t, broad(t, tree(t)), "unshare -n -i sh -c 'echo 77 >"+name+" && cat "+name+"'")
	after, _ := os.ReadFile(name)
	if got.out != "77\n" || string(after) != string(before) {
		t.Errorf("outside it was %sand is %s: %v", before, after, &got)
	}
}

// TestTruncateLimit: truncate minds how long the program may make a file.
func TestTruncateLimit(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip(err)
	}
	dir := tree(t)
	script := python + ` -c '
import os, resource, signal
signal.signal(signal.SIGXFSZ, lambda *a: print("SIGXFSZ"))
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
os.truncate("` + dir + `/open/file", 1000)
try:
    os.truncate("` + dir + `/open/file", 1001)
except OSError as e:
    print(e.errno)
os.truncate("` + dir + `/open/file", 3)'`
	got := sh(t, broad(t, dir), script)
	st, err := os.Stat(dir + "/open/file")
	if err != nil || strings.TrimSpace(got.out) != "SIGXFSZ\n27" || st.Size() != 3 {
		t.Error(&got, err)
	}
}
