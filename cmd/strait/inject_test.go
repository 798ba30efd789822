package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestInjection(t *testing.T) {
	for _, tc := range []struct {
		value string
		want  injection
	}{
		{"chdir:error=ENOENT", injection{HasError: true, Errno: 2}},
		{"chdir:retval=-2", injection{HasRetval: true, Retval: 1<<64 - 2}},
		{"chdir:signal=TERM:syscall=getpid", injection{Signal: 15, Syscall: "getpid"}},
		{"chdir:delay_enter=1.5ms:delay_exit=0", injection{DelaysEnter: true, DelayEnter: 1500 * time.Microsecond, DelaysExit: true}},
		{
			"chdir:poke_enter=@arg1=00fF,@arg7=10:poke_exit=@arg2=03",
			injection{PokeEnter: []poke{{1, []byte{0, 255}}, {7, []byte{16}}}, PokeExit: []poke{{2, []byte{3}}}},
		},
		{"chdir:error=1:when=3", injection{HasError: true, Errno: 1, When: when{3, 3, 1}}},
		{"chdir:error=1:when=3+", injection{HasError: true, Errno: 1, When: when{3, 0, 1}}},
		{"chdir:error=1:when=3+2", injection{HasError: true, Errno: 1, When: when{3, 0, 2}}},
		{"chdir:error=1:when=3..9+2", injection{HasError: true, Errno: 1, When: when{3, 9, 2}}},
		{"chdir:error=1:when=3..9", injection{HasError: true, Errno: 1, When: when{3, 9, 1}}},
		{`chdir:if=path == "a:b" && (path ~ "x:y"):error=1:also`, injection{HasError: true, Errno: 1, Also: true, If: `path == "a:b" && (path ~ "x:y")`}},
	} {
		o := read(t, "")
		p := &parser{testEnvironment(), o}
		if err := p.inject(tc.value, false); err != nil {
			t.Fatalf("%s: %v", tc.value, err)
		}
		got := *o.Injections[0]
		got.Calls = callSet{}
		if diff := cmp.Diff(tc.want, got, cmp.AllowUnexported(callSet{}), cmpopts.IgnoreUnexported(injection{})); diff != "" {
			t.Errorf("%s: -want +got:\n%s", tc.value, diff)
		}
	}
}

func TestWhen(t *testing.T) {
	for _, tc := range []struct{ when, want string }{
		{"3", "..x......."},
		{"2..4", ".xxx......"},
		{"3+", "..xxxxxxxx"},
		{"3+3", "..x..x..x."},
		{"2..7+2", ".x.x.x...."},
		{"2..6+2", ".x.x.x...."},
		{"2..5+2", ".x.x......"},
		{"1+", "xxxxxxxxxx"},
		{"11", ".........."},
	} {
		w, ok := parseWhen(tc.when)
		if !ok {
			t.Fatalf("when=%s refused", tc.when)
		}
		var got strings.Builder
		for n := uint(1); n <= 10; n++ {
			if w.holds(n) {
				got.WriteByte('x')
			} else {
				got.WriteByte('.')
			}
		}
		if got.String() != tc.want {
			t.Errorf("when=%s: %s, want %s", tc.when, got.String(), tc.want)
		}
	}
	if !(when{}).holds(1) {
		t.Error("without when= nothing is injected")
	}
}

// TestInvocations: a rule counts for each call by itself, and each tracee has
// counts of its own.
func TestInvocations(t *testing.T) {
	o := read(t, "-e inject=open,close:error=EIO:when=2")
	first, second := invocations{}, invocations{}
	const open, closeNr = 2, 3
	for i, step := range []struct {
		counts invocations
		nr     int
		want   bool
	}{
		{first, open, false},
		{first, closeNr, false},
		{second, open, false},
		{first, open, true},
		{first, closeNr, true},
		{first, open, false},
		{second, open, true},
	} {
		rules := o.injectionsFor(abiAMD64, step.nr)
		if len(rules) != 1 {
			t.Fatalf("%d rules for call %d", len(rules), step.nr)
		}
		if got := step.counts.due(rules[0], abiAMD64, step.nr); got != step.want {
			t.Errorf("step %d: %v, want %v", i, got, step.want)
		}
	}
}

// TestReplacedRules: a later rule for the same call replaces those before it,
// but for rules with a condition, or that say also.
func TestReplacedRules(t *testing.T) {
	for _, tc := range []struct{ line, want string }{
		{"-e inject=open:error=1 -e inject=%desc:error=2", "2"},
		{"-e inject=%desc:error=1 -e inject=close:error=2", "1"},
		{"-e inject=open:error=1 -e inject=open:error=2:if=flags", "12"},
		{"-e inject=open:error=1 -e inject=open:error=2:also -e inject=open:error=3:also", "123"},
		{"-e inject=open:error=1 -e inject=open:error=2:also -e inject=open:error=3", "3"},
		{"-e inject=close:error=1", ""},
	} {
		var got strings.Builder
		for _, r := range read(t, tc.line).injectionsFor(abiAMD64, 2) {
			got.WriteByte(byte('0' + r.Errno))
		}
		if got.String() != tc.want {
			t.Errorf("%s: rules %s, want %s", tc.line, got.String(), tc.want)
		}
	}
}

func TestDueAllocates(t *testing.T) {
	o := read(t, "-e inject=open:error=EIO:when=2+2")
	counts := invocations{}
	rule := o.Injections[0]
	counts.due(rule, abiAMD64, 2)
	if n := testing.AllocsPerRun(100, func() { counts.due(rule, abiAMD64, 2) }); n != 0 {
		t.Errorf("%v allocations for a call", n)
	}
}
