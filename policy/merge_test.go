package policy

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMerge(t *testing.T) {
	a := policyOf(t, "deny(EACCES) fs.read /etc/shadow", "allow fs.read /etc/** /usr/**", "allow read write")
	b := policyOf(t, "allow fs.read /usr/lib/**", "allow read getpid")
	for _, c := range []struct {
		mode MergeMode
		want string
	}{
		{Union, `version: 1
default: deny(EPERM)
abi: {compat32: deny(ENOSYS), x32: deny(ENOSYS), io_uring: deny(ENOSYS)}
profiles:
  main:
    - deny(EACCES) fs.read /etc/shadow
    - allow fs.read /usr/lib/**
    - allow fs.read /etc/** /usr/**
    - allow read
    - allow write
    - allow getpid
`},
		{Intersection, `version: 1
default: deny(EPERM)
abi: {compat32: deny(ENOSYS), x32: deny(ENOSYS), io_uring: deny(ENOSYS)}
profiles:
  main:
    - deny(EACCES) fs.read /etc/shadow
    - allow fs.read /usr/lib/**
    - deny(EPERM) fs.read /etc/** /usr/**
    - allow read
`},
	} {
		f, lost := Merge(a, b, c.mode)
		if len(lost) > 0 {
			t.Errorf("lost: %v", lost)
		}
		if diff := cmp.Diff(c.want, string(f.Format())); diff != "" {
			t.Error(diff)
		}
	}
}

// TestMergeDecides holds, for random policies, that the merged one decides as it
// should, and is stricter where it says that it lost something.
func TestMergeDecides(t *testing.T) {
	pool := []string{
		"%a read", "%a @io", "%a fs.read /usr/**", "%a fs.read /usr/lib/*", "%a fs.* /usr/**", "%a fs.read", "%a getpid",
		"%a net.connect tcp 10.0.0.0/8:*", "%a net.connect tcp 10.1.0.0/16:80", "%a net.*", "%a signal self", "%a @io where fd == 0",
	}
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 3))
		make1 := func() *Policy {
			var rules []string
			for range 1 + r.IntN(4) {
				act := []string{"allow", "deny(EPERM)", "kill"}[r.IntN(3)]
				rules = append(rules, act+pool[r.IntN(len(pool))][2:])
			}
			return policyOf(t, rules...)
		}
		a, b := make1(), make1()
		mode := MergeMode(r.IntN(2))
		f, lost := Merge(a, b, mode)
		m, err := New(f, options())
		if err != nil {
			t.Fatal(err)
		}
		w := &witnesses{}
		w.collect(a)
		w.collect(b)
		da, db, dm := Decider{Policy: a}, Decider{Policy: b}, Decider{Policy: m}
		for _, name := range []string{"read", "write", "getpid", "openat", "unlink", "connect", "kill", "socket"} {
			abi := a.native
			nr, _ := abi.Number(name)
			for _, s := range w.settings(abi, nr) {
				ev := s.ev
				for _, e := range callEffects(ev.Call) {
					for _, p := range w.pairs(e) {
						x, y := da.DecidePairs("main", ev, []Pair{p}).Action, db.DecidePairs("main", ev, []Pair{p}).Action
						got := dm.DecidePairs("main", ev, []Pair{p}).Action
						want := (&merger{mode: mode}).choose(x, y)
						if got.Kind != want.Kind && (len(lost) == 0 || got.Kind < want.Kind) && e != "net.socket" && e != "net.listen" {
							t.Fatalf("seed %d: %s %s %s: %v and %v gave %v (lost %v)\n%s%s%s", seed, name, e, p.Object(), x, y, got, lost,
								a.File.Format(), b.File.Format(), f.Format())
						}
					}
				}
			}
		}
	}
}
