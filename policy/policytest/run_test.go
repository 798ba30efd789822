package policytest_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"strait/forkexec"
	"strait/policy/policytest"
)

// A recorder is a test that may fail.
type recorder struct {
	testing.TB
	ctx    context.Context
	errors []string
	fatal  bool
	logs   []string
}

func (r *recorder) Context() context.Context { return r.ctx }
func (r *recorder) Helper()                  {}
func (r *recorder) Error(args ...any)        { r.errors = append(r.errors, fmt.Sprint(args...)) }
func (r *recorder) Errorf(format string, args ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

func (r *recorder) Logf(format string, args ...any) {
	r.logs = append(r.logs, fmt.Sprintf(format, args...))
}
func (r *recorder) Fatalf(format string, args ...any) { r.Errorf(format, args...); r.fatal = true }

// try runs a command as a test of its own and says how it failed.
func try(t *testing.T, cmd *exec.Cmd, options ...policytest.Option) string {
	t.Helper()
	r := &recorder{TB: t, ctx: t.Context()}
	policytest.Run(r, cmd, options...)
	return strings.Join(r.errors, "\n")
}

func sh(script string) *exec.Cmd { return exec.Command("sh", "-c", script) }

func scratch() policytest.Option { return policytest.Scratch(nil) }

func TestHolds(t *testing.T) {
	list := map[string]struct {
		cmd     *exec.Cmd
		options []policytest.Option
	}{
		"nothing":    {sh(":"), nil},
		"exit":       {sh("exit 3"), []policytest.Option{policytest.Exit(3)}},
		"signal":     {sh("kill -TERM $$"), []policytest.Option{policytest.KilledBy(syscall.SIGTERM)}},
		"stdout":     {sh("echo a; echo b >&2"), []policytest.Option{policytest.Stdout("a"), policytest.Stderr("b\n")}},
		"match":      {sh("echo x; echo abc; echo xyz >&2"), []policytest.Option{policytest.StdoutMatches("^a.c$"), policytest.StderrMatches("y")}},
		"never":      {sh("echo a > out"), []policytest.Option{scratch(), policytest.Never("net.*", "exec"), policytest.Must("fs.create ./out")}},
		"writes":     {sh("mkdir out; echo a > out/b"), []policytest.Option{scratch(), policytest.Writes("./out/**"), policytest.Execs("mkdir")}},
		"reads":      {sh("cat in"), []policytest.Option{policytest.Scratch(map[string]string{"in": "x"}), policytest.Reads("./in"), policytest.Stdout("x")}},
		"connects":   {sh(":"), []policytest.Option{policytest.Connects()}},
		"counts":     {sh("cat /dev/null; :"), []policytest.Option{policytest.Exactly("processes", 2), policytest.AtMost("calls", 1000), policytest.AtLeast("openat", 1)}},
		"nowhere":    {sh("echo a > /dev/null"), []policytest.Option{policytest.Writes()}},
		"signals":    {sh("trap : USR1; kill -USR1 $$"), []policytest.Option{policytest.Exactly("signals", 1), policytest.Exactly("threads", 1)}},
		"memory":     {sh(":"), []policytest.Option{policytest.AtMost("peak memory", 64<<20)}},
		"policy":     {sh("cat in > out"), []policytest.Option{policytest.Scratch(map[string]string{"in": "x"}), policytest.PolicyText(shellPolicy)}},
		"settings":   {sh("ulimit -n"), []policytest.Option{policytest.Stdout("64"), policytest.Settings(func(c *forkexec.Cmd) { c.Limits.OpenFiles = 64 })}},
		"executable": {exec.Command("./run"), []policytest.Option{policytest.Scratch(map[string]string{"run": "#!/bin/sh\necho run\n", "empty/": ""}), policytest.Stdout("run")}},
	}
	for name, x := range list {
		t.Run(name, func(t *testing.T) { policytest.Run(t, x.cmd, x.options...) })
	}
}

const shellPolicy = `version: 1
include: [std/runtime]
default: deny(EPERM)
profiles:
  main:
    - allow fs.read fs.stat /usr/** /lib*/** /etc/ld.so.* /bin/* ${CWD}/in
    - allow fs.write fs.create ${CWD}/out
    - allow exec /usr/bin/* /bin/*
    - allow fs.stat
`

// What does not hold is told.
func TestFails(t *testing.T) {
	list := map[string]struct {
		cmd     *exec.Cmd
		options []policytest.Option
		want    string
	}{
		"exit":     {sh("echo no >&2; exit 3"), nil, "it exited with 3, and was to exit with 0\n  its standard error:\n    no"},
		"signal":   {sh("kill -TERM $$"), nil, "it was killed by SIGTERM, and was to exit with 0"},
		"another":  {sh("kill -TERM $$"), []policytest.Option{policytest.KilledBy(syscall.SIGPIPE)}, "it was killed by SIGTERM, and was to be killed by SIGPIPE"},
		"sigpipe":  {sh("kill -PIPE $$"), nil, "it was killed by SIGPIPE, and was to exit with 0"},
		"survives": {sh(":"), []policytest.Option{policytest.KilledBy(syscall.SIGTERM)}, "it exited with 0, and was to be killed by SIGTERM"},
		"stdout":   {sh("echo a"), []policytest.Option{policytest.Stdout("b")}, "stdout: it is not as expected (- expected, + written)\n  - b\n  + a"},
		"match":    {sh("echo a"), []policytest.Option{policytest.StderrMatches("b")}, "stderr: nothing in it matches b"},
		"both":     {sh("echo a"), []policytest.Option{policytest.Stdout("b"), policytest.StdoutMatches("a")}, "stdout: it is not as expected"},
		"never":    {sh("echo a > out"), []policytest.Option{scratch(), policytest.Never("fs.write ./out")}, "never fs.write ./out: it happened\n  sh: openat(AT_FDCWD<.>, \"out\""},
		"refused":  {sh("mkdir /"), []policytest.Option{policytest.Must("fs.create")}, "must fs.create: it did not happen; failed calls: 1, the last with EEXIST"},
		"must":     {sh(":"), []policytest.Option{policytest.Must("net.socket")}, "must net.socket: it did not happen"},
		"writes":   {sh("echo a > out"), []policytest.Option{scratch(), policytest.Writes()}, "writes none: it happened\n  sh: openat(AT_FDCWD<.>, \"out\""},
		"execs":    {sh("ls; :"), []policytest.Option{scratch(), policytest.Execs("cat")}, "execs only cat: it happened\n  sh: execve("},
		"counts":   {sh("ls; :"), []policytest.Option{scratch(), policytest.AtMost("processes", 1)}, "processes <= 1: it was 2"},
		"memory":   {sh(":"), []policytest.Option{policytest.AtMost("peak memory", 1<<10)}, "peak memory <= 1024: it was "},
		"least":    {sh(":"), []policytest.Option{policytest.AtLeast("calls", 1<<40)}, "calls >= 1099511627776: it was "},
		"exactly":  {sh("ls; :"), []policytest.Option{scratch(), policytest.Exactly("processes", 1)}, "processes == 1: it was 2"},
		"reads":    {sh("cat in"), []policytest.Option{policytest.Scratch(map[string]string{"in": "x"}), policytest.Reads("./other")}, "reads only ./other: it happened\n  cat: openat(AT_FDCWD<.>, \"in\""},
		// The default would let it end.
		"linger": {sh("sleep 1 & :"), []policytest.Option{policytest.Linger(time.Millisecond)}, "it left processes behind, which were in:"},
		"policy": {sh("cat other"), []policytest.Option{policytest.Scratch(map[string]string{"other": ""}), policytest.PolicyText(shellPolicy)}, "policy policy: it happened\n  cat: openat(AT_FDCWD<.>, \"other\""},
		"enforce": {
			sh("cat other"),
			[]policytest.Option{policytest.Scratch(map[string]string{"other": ""}), policytest.PolicyText(shellPolicy), policytest.Enforce()},
			"it exited with 1, and was to exit with 0",
		},
		"golden":  {sh(":"), []policytest.Option{policytest.Golden("testdata/none.trace")}, "none.trace is not there (STRAIT_UPDATE=1 writes it)"},
		"timeout": {sh("read x < fifo"), []policytest.Option{scratch(), fifo(), policytest.Timeout(300 * time.Millisecond)}, "it took longer than 300ms; it was in:\n  process "},
		"left":    {sh("(read x < fifo) & :"), []policytest.Option{scratch(), fifo(), policytest.Linger(100 * time.Millisecond)}, "it left processes behind, which were in:"},
	}
	for name, x := range list {
		t.Run(name, func(t *testing.T) {
			if got := try(t, x.cmd, x.options...); !strings.Contains(got, x.want) {
				t.Errorf("got  %s\nwant %s", got, x.want)
			}
		})
	}
}

// due is a test that has to be over soon.
type due struct{ *recorder }

func (due) Deadline() (time.Time, bool) { return time.Now().Add(time.Second), true }

// A program is ended before go test's own deadline, which would not say where it hangs.
func TestDeadline(t *testing.T) {
	r := &recorder{TB: t, ctx: t.Context()}
	policytest.Run(due{r}, sh("read x < fifo"), scratch(), fifo())
	if got := strings.Join(r.errors, "\n"); !strings.Contains(got, "it took longer than ") {
		t.Errorf("got %s", got)
	}
}

// fifo makes a pipe that nobody writes to, in the scratch folder.
func fifo() policytest.Option {
	return policytest.Settings(func(c *forkexec.Cmd) { _ = syscall.Mkfifo(filepath.Join(c.Dir, "fifo"), 0o666) })
}

// What cannot be run is fatal, and says what is wrong.
func TestMistakes(t *testing.T) {
	started := sh(":")
	if err := started.Run(); err != nil {
		t.Fatal(err)
	}
	attr := sh(":")
	attr.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	files := sh(":")
	files.ExtraFiles = []*os.File{nil}
	elsewhere := sh(":")
	elsewhere.Dir = "/"
	list := map[string]struct {
		cmd    *exec.Cmd
		option policytest.Option
		want   string
	}{
		"started":  {started, policytest.Exit(0), "the command was started before"},
		"files":    {files, policytest.Exit(0), "a nil among its ExtraFiles"},
		"attr":     {attr, policytest.Exit(0), "say it with policytest.Settings"},
		"program":  {exec.Command("there-is-no-such-program"), policytest.Exit(0), `exec: "there-is-no-such-program": executable file not found`},
		"rule":     {sh(":"), policytest.Never("fs.wirte"), `policytest.Never("fs.wirte"): `},
		"count":    {sh(":"), policytest.AtMost("opennat", 1), `"opennat" is no call`},
		"regexp":   {sh(":"), policytest.StdoutMatches("("), `policytest.StdoutMatches("("): error parsing regexp`},
		"noise":    {sh(":"), policytest.Noise("x", ""), "the reason why it does not matter"},
		"depth":    {sh(":"), policytest.Effects, "no policytest.Golden"},
		"enforce":  {sh(":"), policytest.Enforce(), "needs a policytest.Policy"},
		"scratch":  {elsewhere, scratch(), "runs it elsewhere"},
		"escaping": {sh(":"), policytest.Scratch(map[string]string{"../x": ""}), "is not below the folder"},
	}
	for name, x := range list {
		t.Run(name, func(t *testing.T) {
			r := &recorder{TB: t, ctx: t.Context()}
			policytest.Run(r, x.cmd, x.option)
			if got := strings.Join(r.errors, "\n"); !r.fatal || !strings.Contains(got, x.want) {
				t.Errorf("fatal %v: got %s\nwant %s", r.fatal, got, x.want)
			}
		})
	}
	if got := try(t, sh(":"), policytest.Policy("testdata/none.yaml")); !strings.Contains(got, "none.yaml: no such file") {
		t.Errorf("a policy that is not there: %s", got)
	}
}

// A golden trace is written on demand, and then holds, and a change is told.
func TestGolden(t *testing.T) {
	file := filepath.Join(t.TempDir(), "sub", "x.trace")
	cmd := func(script string) *exec.Cmd {
		c := exec.Command("sh")
		c.Dir, c.Stdin = t.TempDir(), strings.NewReader(script+"\n")
		return c
	}
	t.Setenv("STRAIT_UPDATE", "1")
	r := &recorder{TB: t, ctx: t.Context()}
	policytest.Run(r, cmd("echo a > out"), policytest.Golden(file))
	if len(r.errors) > 0 || len(r.logs) != 1 {
		t.Fatalf("update: %q, %q", r.errors, r.logs)
	}
	t.Setenv("STRAIT_UPDATE", "")
	text, err := os.ReadFile(file)
	if err != nil || !bytes.Contains(text, []byte("open ./out O_WRONLY|O_CREAT|O_TRUNC 0666")) {
		t.Fatalf("%v\n%s", err, text)
	}
	policytest.Run(t, cmd("echo a > out"), policytest.Golden(file))
	got := try(t, cmd("echo a > other"), policytest.Golden(file))
	for _, want := range []string{"STRAIT_UPDATE=1 accepts it", "+ open ./other O_WRONLY|O_CREAT|O_TRUNC 0666\n", "- open ./out", "rule: allow fs.create ${CWD}/other"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not told:\n%s", want, got)
		}
	}
	policytest.Run(t, cmd("echo a > out; echo b > noise"), policytest.Golden(file),
		policytest.Noise("* ./noise *", "it is noise"), policytest.Noise("write <./noise>", "it is noise"))
}

var _ = flag.Bool("update", false, "write golden traces: for TestUpdateFlag")

// A flag that the test has itself writes golden traces, too, unless STRAIT_UPDATE says no.
func TestUpdateFlag(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.trace")
	set := func(value string) {
		if err := flag.Set("update", value); err != nil {
			t.Fatal(err)
		}
	}
	defer set("false")
	set("true")
	t.Setenv("STRAIT_UPDATE", "0")
	if got := try(t, sh(":"), policytest.Golden(file)); !strings.Contains(got, "is not there") {
		t.Errorf("STRAIT_UPDATE=0: %s", got)
	}
	t.Setenv("STRAIT_UPDATE", "")
	policytest.Run(t, sh(":"), policytest.Golden(file))
	set("false")
	policytest.Run(t, sh(":"), policytest.Golden(file))
}

// Of a program that AnyOrder names, the order is nothing; of others it is.
func TestAnyOrder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.trace")
	cmd := func(script string) *exec.Cmd {
		c := exec.Command("sh")
		c.Dir, c.Stdin = t.TempDir(), strings.NewReader(script+"\n")
		return c
	}
	const one, other = "echo a > x; echo b > y", "echo b > y; echo a > x"
	for _, test := range []struct {
		options []policytest.Option
		want    bool
	}{
		{[]policytest.Option{policytest.Golden(file)}, false},
		{[]policytest.Option{policytest.Golden(file), policytest.AnyOrder("cat")}, false},
		{[]policytest.Option{policytest.Golden(file), policytest.AnyOrder("sh")}, true},
	} {
		t.Setenv("STRAIT_UPDATE", "1")
		policytest.Run(t, cmd(one), test.options...)
		t.Setenv("STRAIT_UPDATE", "")
		policytest.Run(t, cmd(one), test.options...)
		if got := try(t, cmd(other), test.options...); (got == "") != test.want {
			t.Errorf("%d options: the other order holds: %v, want %v\n%s", len(test.options), got == "", test.want, got)
		}
	}
}

// Where programs are in temporary folders, golden traces are the same.
func TestTemporaryNames(t *testing.T) {
	for _, depth := range []policytest.Depth{policytest.Effects, policytest.Calls, policytest.Everything} {
		for i := range 2 {
			t.Run(fmt.Sprintf("%d.%d", depth, i), func(t *testing.T) {
				bin, data := t.TempDir(), t.TempDir()
				script := filepath.Join(bin, "prog")
				if err := os.WriteFile(script, []byte("#!/bin/sh\nread x < $1/in && echo $x > out\n"), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(data, "in"), []byte("text\n"), 0o644); err != nil {
					t.Fatal(err)
				}
				c := exec.Command(script, data)
				c.Dir = t.TempDir()
				policytest.Run(t, c, policytest.Golden(fmt.Sprintf("testdata/temp%d.trace", depth)), depth)
			})
		}
	}
}

// The streams of the command are used, and its files.
func TestStreams(t *testing.T) {
	file := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(file, []byte("extra"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	extra := sh("cat <&3")
	extra.ExtraFiles = []*os.File{f}
	policytest.Run(t, extra, policytest.Stdout("extra"))
	var out, errs bytes.Buffer
	c := sh("cat; echo err >&2")
	c.Stdin, c.Stdout, c.Stderr = strings.NewReader("in"), &out, &errs
	policytest.Run(t, c)
	if out.String() != "in" || errs.String() != "err\n" {
		t.Errorf("%q, %q", out.String(), errs.String())
	}
}

// Tests run at the same time, and beside programs that are started otherwise,
// whose ends nobody else may learn (wait(2), __WNOTHREAD).
func TestParallel(t *testing.T) {
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 5 {
				if err := sh(":").Run(); err != nil {
					t.Error(err)
				}
			}
		})
		wg.Go(func() { policytest.Run(t, sh("cat /dev/null; :"), policytest.Exactly("processes", 2)) })
	}
	wg.Wait()
}
