package enforce

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"strait/forkexec"
	"strait/policy"
	"strait/syscalls"

	"golang.org/x/sys/unix"
)

// TestMain also is the programs that some tests run.
func TestMain(m *testing.M) {
	if name := os.Getenv("STRAIT_TEST_PROGRAM"); name != "" {
		programs[name](os.Args[1:])
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// programs are what this test binary is when it is told to be another program.
var programs = map[string]func(args []string){
	"same": sameProgram, "race": raceProgram, "samenet": sameNetProgram,
	"racenet": raceNetProgram, "racebind": raceBindProgram, "ring": ringProgram, "supervisor": supervisorProgram, "scratch": scratchProgram, "landlock": landlockProgram,
}

// program is a command that runs one of them.
func program(t testing.TB, name string, args ...string) *forkexec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return &forkexec.Cmd{
		Path: exe, Args: append([]string{name}, args...),
		Env: append(os.Environ(), "STRAIT_TEST_PROGRAM="+name),
	}
}

// run is what came of a program under a policy.
type run struct {
	out     string
	status  unix.WaitStatus
	result  *Result
	records []*Record
}

// policyOf makes a policy of rules for main, on top of what every program needs.
func policyOf(t testing.TB, header string, rules ...string) *policy.Policy {
	t.Helper()
	src := "version: 1\ninclude: [std/runtime]\n" + header + "\nprofiles:\n  main:\n"
	for _, r := range rules {
		src += "    - " + r + "\n"
	}
	return load(t, src)
}

func load(t testing.TB, src string) *policy.Policy {
	t.Helper()
	p, err := loadText(src)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func loadText(src string) (*policy.Policy, error) {
	f, err := policy.Parse("p.yaml", []byte(src))
	if err != nil {
		return nil, err
	}
	cwd, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	return policy.New(f, policy.Options{Vars: map[string]string{"HOME": "/nonexistent", "CWD": cwd}})
}

// under runs a program under a policy, with an Enforcer and a thread of its own.
// more are its descriptors from 3 on.
func under(t testing.TB, o Options, c *forkexec.Cmd, more ...int) run {
	t.Helper()
	var got run
	var mu sync.Mutex
	audit := o.Audit
	o.Audit = func(r *Record) {
		mu.Lock()
		defer mu.Unlock()
		got.records = append(got.records, r)
		if audit != nil {
			audit(r)
		}
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	cmd := *c
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	cmd.Files = []int{int(null.Fd()), int(w.Fd()), int(w.Fd())}
	cmd.Files = append(cmd.Files, more...)
	done := make(chan error, 1)
	go func() {
		done <- func() error {
			e, err := New(o)
			if err != nil {
				return err
			}
			_, err = e.Start(&cmd)
			w.Close()
			if err != nil {
				return err
			}
			got.result, err = e.Run(t.Context())
			return err
		}()
	}()
	out, _ := io.ReadAll(r)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	got.out, got.status = string(out), got.result.Status
	return got
}

// sh runs a shell script under a policy.
func sh(t testing.TB, p *policy.Policy, script string) run {
	t.Helper()
	return under(t, Options{Policy: p}, shell(script))
}

func shell(script string) *forkexec.Cmd {
	return &forkexec.Cmd{Path: "/bin/sh", Args: []string{"sh", "-c", script}}
}

// denied reports whether a record says that an object was denied.
func (r *run) denied(call, object string) bool {
	for _, x := range r.records {
		if x.Call == call && strings.Contains(x.Object, object) && strings.HasPrefix(x.Decided, "deny") {
			return true
		}
	}
	return false
}

func (r *run) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "status %#x, output %q", int(r.status), r.out)
	for i, x := range r.records {
		if i == 20 {
			fmt.Fprintf(&b, "\n  ... %d records", len(r.records))
			break
		}
		fmt.Fprintf(&b, "\n  %s %s %s %q: %s by %s (%s%s)", x.Comm, x.Call, x.Effect, x.Object, x.Decided, x.By, x.Rule, x.Why)
	}
	return b.String()
}

// tree makes a directory with a secret and a public file in it, that anybody may
// read. Its name has no symbolic link in it.
func tree(t testing.TB) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []string{dir, filepath.Dir(dir)} {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range map[string]string{"secret/key": "SECRET\n", "open/file": "public\n"} {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// broad allows everything but what is below DIR/secret.
func broad(t testing.TB, dir string, more ...string) *policy.Policy {
	t.Helper()
	return load(t, broadText(dir, more...))
}

func broadText(dir string, more ...string) string {
	rules := append([]string{"deny(EACCES) fs.* " + dir + "/secret/**"}, more...)
	src := "version: 1\nprofiles:\n  main:\n"
	for _, r := range append(rules, `"allow *"`) {
		src += "    - " + r + "\n"
	}
	return src
}

func TestAllowAndDeny(t *testing.T) {
	dir := tree(t)
	p := policyOf(t, "", "allow exec /bin/* /usr/bin/*", "allow fs.read "+dir+"/open/**", "deny(ENOENT) fs.read "+dir+"/secret/**")
	got := sh(t, p, "cat "+dir+"/open/file; cat "+dir+"/secret/key; echo x >"+dir+"/open/new; exit 7")
	if !strings.Contains(got.out, "public\n") || strings.Contains(got.out, "SECRET") || !strings.Contains(got.out, "No such file") {
		t.Error("read: ", &got)
	}
	if _, err := os.Stat(dir + "/open/new"); err == nil {
		t.Error("a file was made that must not be")
	}
	if got.status.ExitStatus() != 7 {
		t.Error("status: ", &got)
	}
	if !got.denied("openat", "/secret/key") || !got.denied("openat", "/open/new") {
		t.Error("records: ", &got)
	}
	if got.result.Denied < 2 || got.result.Process == nil {
		t.Errorf("result: %+v", got.result)
	}
}

func TestKill(t *testing.T) {
	dir := tree(t)
	got := sh(t, broad(t, dir, "kill fs.read "+dir+"/open/**"), "read x <"+dir+"/open/file; echo alive")
	if got.status.Signal() != unix.SIGKILL || strings.Contains(got.out, "alive") {
		t.Error(&got)
	}
	got = sh(t, broad(t, dir, "kill getpgrp getpgid getsid", "kill sync"), "sync; echo alive; exec sync")
	want := unix.SIGSYS // by the kernel
	if dumpsFiles() {
		want = unix.SIGKILL
	}
	if got.status.Signal() != want {
		t.Error(&got)
	}
}

func TestReturn(t *testing.T) {
	dir := tree(t)
	got := sh(t, broad(t, dir, "return(0) fs.delete "+dir+"/open/**"), "rm "+dir+"/open/file && echo gone")
	if _, err := os.Stat(dir + "/open/file"); err != nil || !strings.Contains(got.out, "gone") {
		t.Error(&got, err)
	}
}

// A call that is not made leads nowhere: nothing is verified after it, whoever said so (by
// a rule: the seed of FuzzAgree). The shell believes what chdir has returned.
func TestReturnOfLanding(t *testing.T) {
	dir := tree(t)
	o := Options{
		Policy: policyOf(t, "", "allow exec /bin/* /usr/bin/*", `ask chdir where path == "`+dir+`/open"`),
		Ask:    func(q *Question) { q.Answer(policy.Action{Kind: policy.Return, Num: 0}) },
	}
	if got := under(t, o, shell("cd "+dir+"/open && echo there")); !strings.Contains(got.out, "there") {
		t.Error(&got)
	}
}

// TestAskAboutElsewhere: nobody is asked about a directory in another mount namespace,
// whose names mean nothing here: it is refused.
func TestAskAboutElsewhere(t *testing.T) {
	dir := tree(t)
	args := []string{"-m"}
	if os.Geteuid() != 0 {
		args = []string{"-Urm"}
	}
	c := exec.Command("unshare", append(args, "sh", "-c", "echo in; exec cat")...)
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Skip(err)
	}
	defer c.Wait()
	defer in.Close()
	if _, err := io.ReadFull(out, make([]byte, 3)); err != nil {
		t.Skip("no mount namespaces here")
	}
	asked := 0
	o := Options{Policy: broad(t, dir, "ask chdir"), Ask: func(q *Question) {
		asked++
		q.Answer(policy.Action{})
	}}
	there := fmt.Sprintf("/proc/%d/root%s/open", c.Process.Pid, dir)
	got := under(t, o, shell("cd "+there+" && cat file"))
	if asked != 0 || strings.Contains(got.out, "public") || !got.denied("chdir", dir+"/open") {
		t.Errorf("asked %d times: %v", asked, &got)
	}
	if got := under(t, o, shell("cd "+dir+"/open && cat file")); asked == 0 || !strings.Contains(got.out, "public") {
		t.Errorf("here, asked %d times: %v", asked, &got)
	}
}

func TestProfiles(t *testing.T) {
	dir := tree(t)
	src := "version: 1\ninclude: [std/runtime]\nprofiles:\n" +
		"  main: [allow exec /usr/bin/env /bin/env -> other, allow exec /bin/* /usr/bin/*]\n" +
		"  other: {extends: main, rules: [allow fs.read " + dir + "/open/**]}\n"
	got := sh(t, load(t, src), "cat "+dir+"/open/file; env cat "+dir+"/open/file; cat "+dir+"/open/file; true")
	if strings.Count(got.out, "public") != 1 || strings.Count(got.out, "not permitted") != 2 {
		t.Error(&got)
	}
}

func TestPermissive(t *testing.T) {
	dir := tree(t)
	seen := map[string]int{}
	o := Options{
		Policy: policyOf(t, "", "allow exec /bin/* /usr/bin/*"), Permissive: true,
		Observe: func(ev *syscalls.Event, pairs []policy.Pair, _ policy.Verdict) {
			for i := range pairs {
				seen[pairs[i].Effect+" "+pairs[i].Path]++
			}
		},
	}
	got := under(t, o, shell("cat "+dir+"/secret/key"))
	if !strings.Contains(got.out, "SECRET") || seen["fs.read "+dir+"/secret/key"] == 0 || seen[" "] == 0 {
		t.Error(&got, seen)
	}
	if !got.denied("openat", "/secret/key") || !got.records[0].Passed {
		t.Error(&got)
	}
}

func TestQuestion(t *testing.T) {
	dir := tree(t)
	p := policyOf(t, "default: ask", "allow exec /bin/* /usr/bin/*")
	asked := 0
	o := Options{Policy: p, Ask: func(q *Question) {
		if q.Verdict.Pair.Path != dir+"/open/file" || q.Event.Call.Name != "openat" {
			q.Answer(policy.Action{Kind: policy.Allow})
			return
		}
		asked++
		if asked == 2 {
			q.Answer(policy.Action{Kind: policy.Deny, Num: int(unix.EXDEV)})
			q.Answer(policy.Action{Kind: policy.Allow})
			return
		}
		go q.Answer(policy.Action{Kind: policy.Allow})
	}}
	got := under(t, o, shell("cat "+dir+"/open/file; cat "+dir+"/open/file"))
	if strings.Count(got.out, "public") != 1 || !strings.Contains(got.out, "ross-device") || asked != 2 {
		t.Error(&got, asked)
	}
	// Without anybody to ask.
	got = sh(t, p, "cat "+dir+"/open/file")
	if strings.Contains(got.out, "public") {
		t.Error(&got)
	}
}

func TestFirstExecIsExempt(t *testing.T) {
	p := load(t, "version: 1\ninclude: [std/runtime]\ndefault: kill\nprofiles: {main: [allow fs.stat /**]}\n")
	got := sh(t, p, "echo hello")
	if got.out != "hello\n" {
		t.Error(&got)
	}
	got = under(t, Options{Policy: p}, &forkexec.Cmd{Path: "/nonexistent"})
	if got.result.ExecError == nil || !strings.Contains(got.result.ExecError.Error(), "exec /nonexistent") {
		t.Errorf("%v %+v", &got, got.result)
	}
}

func TestAttach(t *testing.T) {
	dir := tree(t)
	c := exec.Command("/bin/sh", "-c", "read x; cat "+dir+"/secret/key; cat "+dir+"/open/file")
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	c.Stdout, c.Stderr = w, w
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	ready, done := make(chan error, 1), make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		e, err := New(Options{Policy: broad(t, dir)})
		if err == nil {
			err = e.Attach(c.Process.Pid)
		}
		ready <- err
		if err != nil {
			return
		}
		if len(e.Limits()) == 0 {
			t.Error("nothing is said about attached processes")
		}
		_, err = e.Run(context.Background())
		done <- err
	}()
	if err := <-ready; err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(in)
	out, _ := io.ReadAll(r)
	if err := <-done; err != nil {
		t.Error(err)
	}
	c.Wait()
	if got := string(out); strings.Contains(got, "SECRET") || !strings.Contains(got, "public") {
		t.Errorf("%q", got)
	}
}
