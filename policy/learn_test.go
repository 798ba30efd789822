package policy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"strait/syscalls"

	"github.com/google/go-cmp/cmp"
)

// observe decides nothing and records what calls do.
func observe(t testing.TB, rec *Recorder, call string, args ...any) {
	t.Helper()
	ev := event(t, syscalls.AMD64, call, args...)
	d := Decider{Policy: policyOf(t), Resolver: Words{"/proj"}}
	rec.Add(Observe("main", ev, d.Pairs(ev), nil))
}

func TestLearn(t *testing.T) {
	var rec Recorder
	for range 3 {
		observe(t, &rec, "openat", -100, "/usr/lib/libc.so", 0) // std/runtime has it
	}
	observe(t, &rec, "read", 3)
	for i := range 6 {
		observe(t, &rec, "openat", -100, fmt.Sprintf("src/%d.c", i), 0)
		observe(t, &rec, "openat", -100, fmt.Sprintf("/home/u/.ssh/k%d", i), 0)
		observe(t, &rec, "openat", -100, fmt.Sprintf("/etc/x%d", i), 0)
	}
	observe(t, &rec, "openat", -100, "/proj/out", oCreat|oTrunc|oRDWR)
	observe(t, &rec, "openat", -100, "/tmp/ccAbCdEf.s", oCreat|oRDWR)
	observe(t, &rec, "unlink", "/tmp/ccAbCdEf.s")
	observe(t, &rec, "openat", -100, "/proj/a b[1]", 0)
	observe(t, &rec, "openat", -100, "/proc/1234/status", 0)
	for i := range 5 {
		observe(t, &rec, "connect", 3, inet([4]byte{10, 0, 0, byte(i)}, 443), 16)
	}
	observe(t, &rec, "connect", 3, inet([4]byte{10, 0, 0, 1}, 80), 16)
	observe(t, &rec, "socket", 2, 1, 0)
	observe(t, &rec, "socket", 16, 3, 0)
	observe(t, &rec, "connect", 3, unixAddr("/run/x.sock\x00"), 14)
	observe(t, &rec, "connect", 3, unixAddr("/proj/a b/s\x00"), 14)
	observe(t, &rec, "mkdir", "/tmp/ssh-aB3dE6gH", 0o700)
	observe(t, &rec, "bind", 3, unixAddr("/tmp/ssh-aB3dE6gH/agent\x00"), 26)
	observe(t, &rec, "execve", "/usr/bin/cc", 0, 0)
	observe(t, &rec, "setuid", 0)
	observe(t, &rec, "setuid", 33)
	observe(t, &rec, "setresuid", ^uint64(0), 0, uint64(1<<32-1))
	observe(t, &rec, "setresuid", 7, 0, 8)
	observe(t, &rec, "sethostname", 0)
	observe(t, &rec, "kill", 7, 9)

	o := LearnOptions{Options: options()}
	l, err := Learn(rec.Observations(), o)
	if err != nil {
		t.Fatal(err)
	}
	if len(l.Failed) > 0 {
		t.Errorf("does not pass: %+v", l.Failed)
	}
	want := `version: 1
include: [std/runtime]
default: deny(EPERM)
profiles:
  main:
    - allow sethostname # seen 1×
    - allow setresuid where ruid in {7, -1} && euid in {0} && suid in {8, -1} # seen 2×
    - allow setuid where uid in {0, 33} # seen 2×
    - allow signal where sig in {SIGKILL} # seen 1×
    - allow exec /usr/bin/cc # seen 1×
    - allow fs.create /tmp/ssh-* # seen 1×
    - allow fs.read "${CWD}/a b\\[1\\]" ${CWD}/out ${CWD}/src/* # seen 8×
    - allow fs.read /etc/x0 /etc/x1 /etc/x2 /etc/x3 /etc/x4 /etc/x5 /proc/*/status /tmp/cc* # seen 8×
    - allow fs.read ${HOME}/.ssh/k0 ${HOME}/.ssh/k1 ${HOME}/.ssh/k2 ${HOME}/.ssh/k3 ${HOME}/.ssh/k4 # seen 5×, protected
    - allow fs.read ${HOME}/.ssh/k5 # seen 1×, protected
    - allow fs.write ${CWD}/out /tmp/cc* # seen 2×
    - allow net.bind unix /tmp/ssh-*/** # seen 1×
    - allow net.connect ip *:443 10.0.0.1:80 unix "${CWD}/a b/s" /run/x.sock # seen 8×
    - allow net.socket netlink # seen 2×
`
	if diff := cmp.Diff(want, string(l.File.Format())); diff != "" {
		t.Error(diff)
	}
}

func TestLearnManyDirectories(t *testing.T) {
	var rec Recorder
	for i := range 5 {
		for k := range 5 {
			observe(t, &rec, "openat", -100, fmt.Sprintf("/srv/www/d%d/f%d", i, k), 0)
		}
	}
	l, err := Learn(rec.Observations(), LearnOptions{Options: options()})
	if err != nil {
		t.Fatal(err)
	}
	if got := l.Rules[0].Rule.String(); got != "allow fs.read /srv/www/**" || len(l.Rules[0].Observed) != 25 {
		t.Errorf("got %s", got)
	}
}

func TestObservationsSurviveJSON(t *testing.T) {
	var rec, again Recorder
	observe(t, &rec, "connect", 3, inet([4]byte{10, 0, 0, 1}, 443), 16)
	observe(t, &rec, "connect", 3, inet([4]byte{10, 0, 0, 1}, 443), 16)
	b, err := json.Marshal(rec.Observations())
	if err != nil {
		t.Fatal(err)
	}
	var list []Observation
	if err := json.Unmarshal(b, &list); err != nil {
		t.Fatal(err)
	}
	for _, o := range list {
		again.Add(o)
	}
	if got := again.Observations(); len(got) != 1 || got[0].Count != 2 || got[0].Pairs[0].Addr != rec.list[0].Pairs[0].Addr {
		t.Errorf("got %s", b)
	}
}

// base is a policy that somebody has written.
const base = `version: 1
include: [std/runtime, team.yaml]
default: deny(EPERM)
profiles:
  main:
    - deny(EACCES) fs.* /srv/www/d0/secret
    - ask fs.write /srv/www/**
    - allow fs.read /etc/motd # ours
`

func parsed(t testing.TB, src string) *File {
	t.Helper()
	f, err := Parse("p.yaml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestLearnOnBase: what rules refuse is not learnt, nor widened over.
func TestLearnOnBase(t *testing.T) {
	var rec Recorder
	for i := range 5 {
		for _, name := range []string{"a", "b", "c", "d", "secret"} {
			observe(t, &rec, "openat", -100, fmt.Sprintf("/srv/www/d%d/%s", i, name), 0)
		}
	}
	observe(t, &rec, "openat", -100, "/srv/www/log", 1)
	observe(t, &rec, "openat", -100, "/etc/motd", 0)
	o := options()
	o.Read = func(string) ([]byte, error) {
		return []byte("version: 1\nprofiles: {main: [deny fs.* /srv/www/d3/private, deny fs.write /srv/www/d4/a]}\n"), nil
	}
	l, err := Learn(rec.Observations(), LearnOptions{Options: o, Base: parsed(t, base)})
	if err != nil {
		t.Fatal(err)
	}
	want := base + `    - allow fs.read /srv/www/d0/* /srv/www/d1/* /srv/www/d2/* /srv/www/d3/a /srv/www/d3/b /srv/www/d3/c # seen 17×
    - allow fs.read /srv/www/d3/d /srv/www/d3/secret /srv/www/d4/* # seen 7×
`
	if diff := cmp.Diff(want, string(l.File.Format())); diff != "" {
		t.Error(diff)
	}
	if len(l.Refused) != 2 || len(l.Failed) != 0 {
		t.Errorf("refused %+v, failed %+v", l.Refused, l.Failed)
	}
	for _, g := range l.Grants() {
		wide := strings.HasSuffix(g.Object, "*")
		if wide != g.Widened() || wide != (len(g.Observed) > 1) {
			t.Errorf("granted %s, observed %s", g.Object, g.Observed)
		}
	}
}

// TestLearnNothingWidened: a negative limit.
// TestLearnOddNames has names that are no patterns of themselves, and words that
// were recorded as they were.
func TestLearnOddNames(t *testing.T) {
	var rec Recorder
	observe(t, &rec, "connect", 3, unixAddr("/tmp/${HOME}/x\x00"), 17)
	observe(t, &rec, "openat", -100, "/tmp/${CWD}/[y", 0)
	observe(t, &rec, "openat", -100, "/tmp/$USER/**", 0)
	var src strings.Builder
	enc := json.NewEncoder(&src)
	for _, o := range rec.Observations() {
		if err := enc.Encode(o); err != nil {
			t.Fatal(err)
		}
	}
	old := strings.ReplaceAll(src.String(), "/tmp/", "/tmp//no/../")
	r, err := ReadRecording(strings.NewReader(old))
	if err != nil {
		t.Fatal(err)
	}
	l, err := Learn(r.Observations, LearnOptions{Options: options()})
	if err != nil {
		t.Fatal(err)
	}
	if len(l.Failed) > 0 {
		t.Errorf("does not pass: %+v", l.Failed)
	}
	l.Grants()
	got := string(l.File.Format())
	for _, want := range []string{`- allow fs.read /tmp/$USER/\*\* /tmp/$\{CWD\}/\[y # seen 2×`, `- allow net.connect unix /tmp/$\{HOME\}/x # seen 1×`} {
		if !strings.Contains(got, want) {
			t.Errorf("lacks %s:\n%s", want, got)
		}
	}
}

func TestLearnNothingWidened(t *testing.T) {
	var rec Recorder
	for i := range 20 {
		observe(t, &rec, "stat", fmt.Sprintf("/srv/%d", i), 0)
	}
	l, err := Learn(rec.Observations(), LearnOptions{Options: options(), Siblings: -1})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(l.Grants()); n != 20 {
		t.Errorf("%d grants, want 20", n)
	}
}

// TestRelearn: another run merges with what was learnt, what was edited by hand
// stays, and what was taken out does not come back by itself.
func TestRelearn(t *testing.T) {
	var recording Recording
	learn := func(file *File, paths ...string) (*File, int) {
		t.Helper()
		var dropped []Observation
		if file != nil {
			p, err := New(file, options())
			if err != nil {
				t.Fatal(err)
			}
			if dropped, err = recording.Forget(p); err != nil {
				t.Fatal(err)
			}
			file = recording.Unlearnt(file)
		}
		var rec Recorder
		for _, o := range recording.Observations {
			rec.Add(o)
		}
		for _, p := range paths {
			observe(t, &rec, "openat", -100, p, 0)
		}
		recording.Observations = rec.Observations()
		recording.Runs++
		l, err := Learn(recording.Observations, LearnOptions{Options: options(), Base: file})
		if err != nil {
			t.Fatal(err)
		}
		recording.Learnt(l)
		again, err := ReadRecording(bytes.NewReader(recording.Append(nil)))
		if err != nil {
			t.Fatal(err)
		}
		recording = *again
		return parsed(t, string(l.File.Format())), len(dropped)
	}
	rules := func(f *File) (out []string) {
		for _, r := range f.Profiles[0].Rules {
			out = append(out, r.String()+" "+r.Comment.Line)
		}
		return out
	}
	f, _ := learn(nil, "/srv/a/1", "/srv/a/1", "/srv/b/2")
	f, _ = learn(f, "/srv/a/1", "/srv/c/3")
	if diff := cmp.Diff([]string{"allow fs.read /srv/a/1 /srv/b/2 /srv/c/3 # seen 5×"}, rules(f)); diff != "" {
		t.Errorf("two runs: %s", diff)
	}
	// By hand: one file less, another rule.
	edited := strings.Replace(string(f.Format()), " /srv/b/2", "", 1) + "    - allow fs.read /opt/mine # ours\n"
	f, dropped := learn(parsed(t, edited), "/srv/a/1", "/srv/d/4")
	want := []string{"allow fs.read /srv/a/1 /srv/c/3 # seen 5×", "allow fs.read /opt/mine # ours", "allow fs.read /srv/d/4 # seen 1×"}
	if diff := cmp.Diff(want, rules(f)); diff != "" || dropped != 1 || recording.Runs != 3 {
		t.Errorf("edited: dropped %d, %d runs: %s", dropped, recording.Runs, diff)
	}
	// What was taken out comes back when it is seen again.
	f, _ = learn(f, "/srv/b/2")
	if got := strings.Join(rules(f), "\n"); !strings.Contains(got, "/srv/b/2") {
		t.Errorf("seen again: %s", got)
	}
}
