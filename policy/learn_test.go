package policy

import (
	"encoding/json"
	"fmt"
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
	observe(t, &rec, "execve", "/usr/bin/cc", 0, 0)
	observe(t, &rec, "setuid", 0)
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
    - allow sethostname setuid # seen 2×
    - allow signal # seen 1×
    - allow exec /usr/bin/cc # seen 1×
    - allow fs.read "${CWD}/a b\\[1\\]" ${CWD}/out ${CWD}/src/* ${HOME}/.ssh/k0 ${HOME}/.ssh/k1 ${HOME}/.ssh/k2 ${HOME}/.ssh/k3 ${HOME}/.ssh/k4 ${HOME}/.ssh/k5 /etc/x0 /etc/x1 /etc/x2 /etc/x3 /etc/x4 /etc/x5 /proc/*/status /tmp/cc* # seen 22×
    - allow fs.write ${CWD}/out /tmp/cc* # seen 2×
    - allow net.connect ip *:443 10.0.0.1:80 unix /run/x.sock # seen 7×
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
