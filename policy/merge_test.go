package policy

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
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
		if diff := gocmp.Diff(c.want, string(f.Format())); diff != "" {
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
		"%a net.connect tcp *:80-90,443", "%a net.connect ip 10.0.0.0/9:85-100", "%a @own", "%a exec /x", "%a exec", "%a *",
		"allow exec /x -> other", "allow exec -> other", "allow exec /x -> third", "allow fs.read exec /usr/**", "%a execve", "%a exec /*", "allow exec /x* -> third",
	}
	known := 0
	defer func() {
		if known < 60 {
			t.Errorf("only %d were merged without a loss", known)
		}
	}()
	for seed := range uint64(600) {
		r := rand.New(rand.NewPCG(seed, 3))
		make1 := func() *Policy {
			src := "version: 1\ngroups: {'@own': [" + []string{"read", "write", "getpid"}[r.IntN(3)] + "]}\nprofiles:\n"
			for _, name := range []string{"main", "other", "third"} {
				src += "  " + name + ":\n"
				for range 1 + r.IntN(4) {
					act := []string{"allow", "deny(EPERM)", "kill"}[r.IntN(3)]
					src += "    - " + strings.Replace(pool[r.IntN(len(pool))], "%a", act, 1) + "\n"
				}
			}
			return policyFrom(t, src)
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
		if len(lost) == 0 {
			known++
		}
		da, db, dm := Decider{Policy: a}, Decider{Policy: b}, Decider{Policy: m}
		states := [][3]string{{"main", "main", "main"}}
		for i := 0; i < len(states); i++ {
			at := states[i]
			for _, name := range []string{"read", "write", "getpid", "openat", "unlink", "connect", "kill", "socket", "execve"} {
				abi := a.native
				nr, _ := abi.Number(name)
				for _, s := range w.settings(abi, nr) {
					ev := s.ev
					effects := callEffects(ev.Call)
					for i, e := range effects {
						if e == "" && i > 0 && !optional(effects[0]) {
							continue // the call never is without its effects
						}
						for _, p := range w.pairs(e) {
							vx, vy := da.DecidePairs(at[0], ev, []Pair{p}), db.DecidePairs(at[1], ev, []Pair{p})
							v := dm.DecidePairs(at[2], ev, []Pair{p})
							x, y, got := vx.Action, vy.Action, v.Action
							if next := [3]string{cmp.Or(vx.Next, at[0]), cmp.Or(vy.Next, at[1]), cmp.Or(v.Next, at[2])}; e == "exec" && got.Kind.runs() {
								if !slices.Contains(states, next) {
									states = append(states, next)
								}
							}
							want := (&merger{mode: mode}).choose(x, y)
							if got.Kind != want.Kind && (len(lost) == 0 || got.Kind < want.Kind) && e != "net.socket" && e != "net.listen" {
								t.Fatalf("seed %d: %s in %q: %s %s: %v and %v gave %v (lost %v)\n%s%s%s", seed, name, at, e, p.Object(), x, y, got, lost,
									a.File.Format(), b.File.Format(), f.Format())
							}
						}
					}
				}
			}
		}
	}
}
