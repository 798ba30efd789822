package enforce

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"strait/forkexec"
	"strait/policy"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// attackDir has a program for each attack, and the policy that it is run under.
const attackDir = "../../testdata/attack"

// attackBin, if it is set, is where the programs were compiled to, with their policies: for
// the test as an ordinary user, who may not see where it was built.
var attackBin = os.Getenv("STRAIT_TEST_ATTACKS")

// shortAttacks are those that -short tries.
var shortAttacks = []string{
	"path_race", "swap/unlink", "kernel_race/opath", "moved_away", "proc_root", "chroot", "io_uring_open", "untraced/clone3",
	"exec_swap/words", "exec_hidden/memfd", "sibling/mem", "net_race/connect", "flood", "own_filter/listener", "signals/kill",
}

// An attack is a program that gets something forbidden when nobody watches.
type attack struct {
	name   string // of the program and its policy; behind a slash, its first argument
	rounds int    // of a race under the policy; many more are tried without
	killed bool   // the policy's way to refuse it is the end of the process
	policy string // another one than its own
	// outside: it is also run, with the argument serve, as a daemon that nobody
	// holds to the policy.
	outside bool
	answers bool // questions are answered: with no
	// both: it wins with strait, too: as the documentation says, or because it is no
	// attack.
	both bool
}

var attacks = []attack{
	{name: "path_race", rounds: 60_000},
	{name: "symlink_race", rounds: 10_000},
	{name: "cwd_race", rounds: 10_000},
	{name: "dirfd_race/openat", rounds: 10_000},
	{name: "dirfd_race/unlinkat", rounds: 5_000},
	{name: "dirfd_race/fchmod", rounds: 5_000},
	{name: "swap/unlink", rounds: 1_500},
	{name: "swap/rename", rounds: 1_500},
	{name: "swap/rename_over", rounds: 1_000},
	{name: "swap/mkdir", rounds: 3_000},
	{name: "swap/symlink", rounds: 3_000},
	{name: "swap/link", rounds: 3_000},
	{name: "swap/mknod", rounds: 3_000},
	{name: "swap/chmod", rounds: 3_000},
	{name: "swap/utimes", rounds: 3_000},
	{name: "swap/truncate", rounds: 3_000},
	{name: "swap/create", rounds: 3_000},
	{name: "swap/open_trunc", rounds: 3_000},
	{name: "swap/setxattr", rounds: 3_000},
	{name: "swap_directory", rounds: 2_000},
	{name: "kernel_race/opath", rounds: 5_000, killed: true},
	{name: "kernel_race/chdir", rounds: 5_000, killed: true},
	{name: "kernel_race/access", rounds: 5_000},
	{name: "kernel_race/inotify", rounds: 2_000},
	{name: "kernel_race/handle", rounds: 5_000},
	{name: "deep", outside: true},
	{name: "file_flags"},
	{name: "moved_away"},
	{name: "proc_root", outside: true},
	{name: "disk"},
	{name: "chroot"},
	{name: "chroot_allowed"},
	{name: "chroot_race", rounds: 5_000},
	{name: "hard_link"},
	{name: "rename_parent"},
	{name: "proc_paths"},
	{name: "bind_mount"},
	{name: "mount_api"},
	{name: "handle"},
	{name: "int80"},
	{name: "x32"},
	{name: "io_uring_open"},
	{name: "io_uring_connect"},
	{name: "untraced/clone", rounds: 5},
	{name: "untraced/clone3", rounds: 5},
	{name: "untraced/clone3_race", rounds: 500, killed: true},
	{name: "daemon"},
	{name: "exec_thread"},
	{name: "exec_swap/words", rounds: 1_000},
	{name: "exec_swap/link", rounds: 1_000},
	{name: "exec_swap/interpreter", rounds: 1_000},
	{name: "exec_script", rounds: 1_000},
	{name: "exec_profile", rounds: 500},
	{name: "exec_preload"},
	{name: "exec_fd", rounds: 200},
	{name: "exec_hidden/self_exe"},
	{name: "exec_hidden/memfd"},
	{name: "exec_hidden/memfd_proc"},
	{name: "exec_hidden/memfd_script"},
	{name: "exec_hidden/tmpfile"},
	{name: "exec_hidden/deleted"},
	{name: "exec_loader"},
	{name: "tiocsti"},
	{name: "sibling/writev"},
	{name: "sibling/mem"},
	{name: "sibling/ptrace"},
	{name: "steal"},
	{name: "scm_rights"},
	{name: "unix_daemon", outside: true},
	{name: "unix_daemon", policy: "unix_daemon_allowed", outside: true, both: true},
	{name: "args32"},
	{name: "net_race/connect", rounds: 3_000},
	{name: "net_race/sendto", rounds: 5_000},
	{name: "net_race/sendmsg", rounds: 5_000},
	{name: "net_race/sendmmsg", rounds: 5_000},
	{name: "net_names/connect"},
	{name: "net_names/any"},
	{name: "net_names/other_loopback"},
	{name: "net_names/mapped"},
	{name: "net_names/fastopen"},
	{name: "net_names/fastopen_msg"},
	{name: "net_names/fastopen_connect"},
	{name: "net_names/mptcp"},
	{name: "net_names/udp_connect"},
	{name: "net_names/udp_mapped"},
	{name: "net_names/udp_v4_of_v6"},
	{name: "net_names/udp_sendto"},
	{name: "net_names/udp_any"},
	{name: "net_names/udp_unspec"},
	{name: "net_names/udp_sendmsg"},
	{name: "net_names/udp_sendmmsg"},
	{name: "net_names/udp_raw"},
	{name: "fresh_memory/mmap", rounds: 3_000},
	{name: "fresh_memory/mremap", rounds: 3_000},
	{name: "fresh_memory/madvise", rounds: 3_000},
	{name: "fresh_memory/shm", rounds: 3_000},
	{name: "flood", rounds: 100_000, answers: true},
	{name: "core"},
	{name: "kill_core"},
	{name: "clone_parent"},
	{name: "device"},
	{name: "fanotify", outside: true},
	{name: "vfork"},
	{name: "traced"},
	{name: "namespaces"},
	{name: "madvise"},
	{name: "userfault"},
	{name: "sigreturn"},
	{name: "other_calls"},
	{name: "dumpable"},
	{name: "own_filter/allow"},
	{name: "own_filter/log"},
	{name: "own_filter/listener"},
	{name: "own_rules", both: true},
	{name: "signals/kill"},
	{name: "signals/group"},
	{name: "signals/tgkill"},
	{name: "signals/tkill"},
	{name: "signals/sigqueue"},
	{name: "signals/pidfd"},
	{name: "signals/setown"},
	{name: "signals/setown_ex"},
	{name: "signals/fiosetown"},
	{name: "signals/siocspgrp"},
}

// How a program of attackDir ends.
const (
	attackWon  = 0
	attackLost = 1
	attackSkip = 77
)

// TestAttacks: each program wins without strait, and loses with it.
func TestAttacks(t *testing.T) {
	if !notifications() {
		t.Skip("the kernel has no notifications that give descriptors (Linux 5.9)")
	}
	bin := attackBin
	if bin == "" {
		bin = t.TempDir()
	}
	for _, a := range attacks {
		name := a.name
		if testing.Short() && !slices.Contains(shortAttacks, name) {
			continue
		}
		if a.policy != "" {
			name = a.policy
		}
		t.Run(name, func(t *testing.T) { a.run(t, bin) })
	}
}

// TestAttacksAsUser: so it is where strait is started by an ordinary user, whose program
// has the same rights as the supervisor, and no_new_privs; and results are the same as
// without strait.
func TestAttacksAsUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("an ordinary user has done it already")
	}
	if testing.Short() {
		t.Skip("it takes more than ten seconds")
	}
	top, err := os.MkdirTemp("", "strait-user")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(top) })
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	const user = 65534
	bin, tmp := filepath.Join(top, "bin"), filepath.Join(top, "tmp")
	for _, dir := range []string{bin, tmp} {
		if err := errors.Join(os.Mkdir(dir, 0o755), os.Chmod(dir, 0o755), os.Chown(dir, user, user)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(top, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, a := range attacks {
		name, _, _ := strings.Cut(a.name, "/")
		compileAttack(t, bin, name, "-pthread")
	}
	compileAttack(t, bin, "evil", "-nostdlib", "-static-pie")
	policies, err := filepath.Glob(attackDir + "/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(policies, exe) {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(bin, filepath.Base(name)), b, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	c := exec.Command(filepath.Join(bin, filepath.Base(exe)), "-test.v", "-test.run=^(TestAttacks|TestSameResults|TestSameSockets|TestScratchSame)$")
	c.Dir = tmp
	c.Env = append(os.Environ(), "STRAIT_TEST_ATTACKS="+bin, "TMPDIR="+tmp, "HOME="+tmp)
	c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: user, Gid: user}}
	out, err := c.CombinedOutput()
	if len(out) == 0 {
		t.Skip("nothing can be run as an ordinary user: ", err)
	}
	if err != nil {
		t.Errorf("%v\n%.20000s", err, out)
	}
	if n := strings.Count(string(out), "    --- PASS: TestAttacks/"); n < len(attacks)/2 {
		t.Errorf("%d attacks of %d were tried:\n%.20000s", n, len(attacks), out)
	}
}

func (a *attack) run(t *testing.T, bin string) {
	file, mode, _ := strings.Cut(a.name, "/")
	exe := compileAttack(t, bin, file, "-pthread")
	evil := compileAttack(t, bin, "evil", "-nostdlib", "-static-pie")
	dir := attackTree(t, evil)
	a.serve(t, exe, dir)
	out, code := a.native(t, exe, mode, dir)
	switch code {
	case attackWon:
	case attackSkip:
		t.Skipf("without strait: %s", out)
	default:
		t.Fatalf("without strait the attack does not win: %s (status %d)", out, code)
	}
	rounds := a.rounds
	switch {
	case testing.Short():
		rounds = min(rounds, max(200, rounds/100))
	case attackBin != "": // root has tried for long
		rounds = min(rounds, max(200, rounds/20))
	}
	dir = attackTree(t, evil)
	a.serve(t, exe, dir)
	before := contents(t, dir+"/secret")
	c := a.command(exe, mode, rounds)
	rules := file
	if a.policy != "" {
		rules = a.policy
	}
	o := Options{Policy: attackPolicy(t, rules, dir)}
	asked := 0
	if a.answers {
		o.Ask = func(q *Question) {
			asked++
			q.Answer(policy.Action{Kind: policy.Deny, Num: int(unix.EACCES)})
		}
	}
	got := under(t, o, &forkexec.Cmd{
		Path: exe, Args: c.Args, Env: append(os.Environ(), "STRAIT_ATTACKED=1"), Dir: dir,
	})
	if a.answers && (asked < min(rounds, 100) || got.result.Asked != int64(asked)) {
		t.Errorf("%d questions were asked, %d counted", asked, got.result.Asked)
	}
	if a.both {
		if got.status.ExitStatus() != attackWon {
			t.Errorf("it wins without strait, and with it: %v", &got)
		}
		return
	}
	a.check(t, &got)
	if d := cmp.Diff(before, contents(t, dir+"/secret")); d != "" {
		t.Errorf("secret/ is not what it was:\n%s", d)
	}
}

// serve starts the daemon of an attack that has one, and waits until it is there.
func (a *attack) serve(t *testing.T, exe, dir string) {
	t.Helper()
	if !a.outside {
		return
	}
	c := exec.Command(exe, "serve")
	c.Dir = dir
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	ready, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = unix.Kill(-c.Process.Pid, unix.SIGKILL)
		_ = c.Wait()
	})
	if _, err := ready.Read(make([]byte, 1)); err != nil {
		t.Fatalf("the daemon does not serve: %v", err)
	}
}

// native runs it without strait.
func (a *attack) native(t *testing.T, exe, mode, dir string) (string, int) {
	t.Helper()
	rounds := 20 * a.rounds // so much longer a race may take to be won
	if a.answers {          // it wins at the end
		rounds = min(a.rounds, 1000)
	}
	c := a.command(exe, mode, rounds)
	c.Dir = dir
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	c.Stdout, c.Stderr = out, out
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	late := time.AfterFunc(time.Minute, func() { c.Process.Kill() })
	defer late.Stop()
	var exit *exec.ExitError
	if err := c.Wait(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	_ = unix.Kill(-c.Process.Pid, unix.SIGKILL) // what it has left
	text, err := os.ReadFile(out.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(text), c.ProcessState.ExitCode()
}

// check looks at how an attack ended under the policy.
func (a *attack) check(t *testing.T, got *run) {
	switch {
	case a.killed && got.status.Signaled() && (got.status.Signal() == unix.SIGKILL || got.status.Signal() == unix.SIGSYS):
	case got.status.Exited() && got.status.ExitStatus() == attackLost && strings.Contains(got.out, "lost"):
	default:
		t.Errorf("it did not lose: %v", got)
	}
	if strings.Contains(got.out, "won") || strings.Contains(got.out, "SECRET") {
		t.Errorf("a part of it won: %v", got)
	}
}

// command is the attack's command line.
func (a *attack) command(exe, mode string, rounds int) *exec.Cmd {
	c := exec.Command(exe)
	if mode != "" {
		c.Args = append(c.Args, mode)
	}
	if rounds > 0 {
		c.Args = append(c.Args, strconv.Itoa(rounds))
	}
	return c
}

// compileAttack makes a program of attackDir, once.
func compileAttack(t *testing.T, bin, name string, flags ...string) string {
	t.Helper()
	exe := filepath.Join(bin, name)
	if _, err := os.Stat(exe); err == nil {
		return exe
	}
	gcc, err := exec.LookPath("gcc")
	if err != nil {
		t.Skip("no gcc to compile it")
	}
	src := filepath.Join(attackDir, name+".c")
	if out, err := exec.Command(gcc, append(flags, "-Wall", "-Werror", "-o", exe, src)...).CombinedOutput(); err != nil {
		t.Fatalf("gcc: %s", out)
	}
	return exe
}

// attackTree makes the directory that an attack is tried in.
func attackTree(t *testing.T, evil string) string {
	t.Helper()
	dir := tree(t)
	prog, err := os.ReadFile(evil)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(dir+"/secret/e", 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"open/key": "public\n", "secret/victim": "alive\n",
		"secret/evil": string(prog), "secret/evil.sh": "#!/bin/sh\nexit 42\n", "secret/good.sh": "#!/bin/sh\nread x <secret/key\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"secret/evil", "secret/evil.sh", "secret/good.sh"} {
		if err := os.Chmod(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// attackPolicy reads the policy beside a program.
func attackPolicy(t *testing.T, name, dir string) *policy.Policy {
	t.Helper()
	from := attackDir
	if attackBin != "" {
		from = attackBin
	}
	p, err := policy.Load(filepath.Join(from, name+".yaml"), policy.Options{Vars: map[string]string{"CWD": dir, "HOME": "/nonexistent"}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// contents is what is below a directory: names, modes and texts.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	root, err := os.OpenRoot(dir) // some have names longer than PATH_MAX
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	err = fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		text := ""
		if info.Mode().IsRegular() {
			b, err := root.ReadFile(name)
			if err != nil {
				return err
			}
			text = string(b)
		}
		out[name] = info.Mode().String() + " " + text
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
