package main

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// read parses a command line of words separated by blanks, and /bin/true.
func read(t *testing.T, line string) *Options {
	t.Helper()
	o, err := frontEnd(testEnvironment(), append(strings.Fields(line), "/bin/true"))
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return o
}

// TestValues is about what options come to when several say something.
func TestValues(t *testing.T) {
	some := quietAttach | quietPersonality
	for _, tc := range []struct {
		line string
		got  func(*Options) any
		want any
	}{
		{"", func(o *Options) any { return o.Interruptible }, interruptWaiting},
		{"-o x", func(o *Options) any { return o.Interruptible }, interruptNever},
		{"-D -o x", func(o *Options) any { return o.Interruptible }, interruptNeverTSTP},
		{"-D -I1", func(o *Options) any { return o.Interruptible }, interruptAnywhere},
		{"", func(o *Options) any { return o.Quiet }, quiet(0)},
		{"-o x", func(o *Options) any { return o.Quiet }, some},
		{"-o x --quiet=none", func(o *Options) any { return o.Quiet }, quiet(0)},
		{"-o x -qqq", func(o *Options) any { return o.Quiet }, quietAll},
		{"-qq", func(o *Options) any { return o.Quiet }, some | quietExit},
		{"--quiet", func(o *Options) any { return o.Quiet }, some},
		{"-e q=!exit", func(o *Options) any { return o.Quiet }, quietAll &^ quietExit},
		{"-t", func(o *Options) any { return o.Absolute }, absoluteTime{timeOfDay, precisionS}},
		{"-tt", func(o *Options) any { return o.Absolute }, absoluteTime{timeOfDay, precisionUS}},
		{"-tttt", func(o *Options) any { return o.Absolute }, absoluteTime{timeUnix, precisionUS}},
		{"--timestamps=unix,ns --timestamps", func(o *Options) any { return o.Absolute }, absoluteTime{timeOfDay, precisionNS}},
		{"--timestamps=ns --timestamps=none --timestamps=unix", func(o *Options) any { return o.Absolute }, absoluteTime{timeUnix, precisionNS}},
		{"--timestamps=none,ns", func(o *Options) any { return o.Absolute.format }, timeNone},
		{"--relative-timestamps=ns -r", func(o *Options) any { return o.RelativePrec }, precisionUS},
		{"-T --syscall-times=ms", func(o *Options) any { return o.TimesPrec }, precisionMS},
		{"-y", func(o *Options) any { return o.DecodeFDs }, fdPath},
		{"-yy", func(o *Options) any { return o.DecodeFDs }, decodeFDs(fdAll)},
		{"--decode-fds=path --decode-fds=dev", func(o *Options) any { return o.DecodeFDs }, fdDev},
		{"-Y --decode-pids=pidns", func(o *Options) any { return o.DecodePIDs }, pidNamespace},
		{"--decode-pids=pidns -Y", func(o *Options) any { return o.DecodePIDs }, pidComm},
		{"-x", func(o *Options) any { return o.Hex }, hexNonASCII},
		{"-xx", func(o *Options) any { return o.Hex }, hexAll},
		{"-kk", func(o *Options) any { return o.Stack }, stackSource},
		{"-DD", func(o *Options) any { return o.Daemonize }, daemonizeProcessGroup},
		{"-ff", func(o *Options) any { return o.Follow && o.Separate }, true},
		{"-f --output-separately -o x", func(o *Options) any { return o.Separate }, false},
		{"--follow-forks --output-separately", func(o *Options) any { return o.Separate }, true},
		{"-F", func(o *Options) any { return o.Follow }, true},
		{"-f --seccomp-bpf -e trace=chdir", func(o *Options) any { return o.Seccomp && o.KillOnExit }, true},
		{"-f --seccomp-bpf -p 99999999", func(o *Options) any { return o.Seccomp || o.KillOnExit }, false},
		{"-p 3,4 -p 5", func(o *Options) any { return slices.Equal(o.Attach, []int{3, 4, 5}) }, true},
		{"-c -U calls", func(o *Options) any { return slices.Equal(o.Table, []column{columnCalls, columnName}) }, true},
		{"-c -U p99.9,name", func(o *Options) any { f, ok := o.Table[0].percentile(); return ok && f == 0.999 }, true},
		{"-c -S none", func(o *Options) any { return o.SortBy }, columnNothing},
		{"-O 1.5ms", func(o *Options) any { return *o.Overhead }, 1500 * time.Microsecond},
		{"--slower-than=3", func(o *Options) any { return o.Slower }, 3 * time.Microsecond},
		{"-u 3:4:x", func(o *Options) any { return o.Creds.UID == 3 && o.Creds.GID == 4 && o.Creds.Groups == nil }, true},
		{"-s5", func(o *Options) any { return o.StringLimit }, 5},
		{"-f -- -s5", func(o *Options) any { return slices.Equal(o.Program, []string{"-s5", "/bin/true"}) }, true},
		{"ls -f -Q", func(o *Options) any { return slices.Equal(o.Program, []string{"ls", "-f", "-Q", "/bin/true"}) }, true},
		{"--tips=3,full", func(o *Options) any { return o.Tip }, tipStyle{3, tipFull}},
	} {
		if got := tc.got(read(t, tc.line)); got != tc.want {
			t.Errorf("%s: %v, want %v", tc.line, got, tc.want)
		}
	}
}

func TestEnviron(t *testing.T) {
	for _, tc := range []struct {
		changes, base, want string
	}{
		{"", "A=1 B=2", "A=1 B=2"},
		{"A=3", "A=1 B=2", "A=3 B=2"},
		{"A C=4 C=5", "A=1 B=2", "B=2 C=5"},
		{"A= AB", "A=1 AB=2", "A="},
		{"A=2 A", "A=1", ""},
		{"X=a=b", "A=1 A=2", "A=1 A=2 X=a=b"},
	} {
		o := Options{Env: strings.Fields(tc.changes)}
		if got := strings.Join(o.environ(strings.Fields(tc.base)), " "); got != tc.want {
			t.Errorf("-E %s on %s: %s, want %s", tc.changes, tc.base, got, tc.want)
		}
	}
}

func TestStatusSet(t *testing.T) {
	const enoent, eacces, eio = 2, 13, 5
	for _, tc := range []struct {
		value string
		how   outcomes
		errno int
		want  bool
	}{
		{"failed", outcomeFailed, eio, true},
		{"failed", outcomeSuccessful, 0, false},
		{"!failed", outcomeUnfinished, 0, true},
		{"ENOENT,EACCES", outcomeFailed, eacces, true},
		{"ENOENT,EACCES", outcomeFailed, eio, false},
		{"ENOENT,successful", outcomeSuccessful, 0, true},
		{"!ENOENT", outcomeFailed, enoent, false},
		{"!ENOENT", outcomeFailed, eio, true},
		{"!ENOENT", outcomeSuccessful, enoent, true},
		{"none", outcomeDetached, 0, false},
		{"all", outcomeDetached, 0, true},
	} {
		set, err := parseStatus(tc.value)
		if err != nil {
			t.Fatal(err)
		}
		if got := set.has(tc.how, tc.errno); got != tc.want {
			t.Errorf("%s has %d, errno %d: %v, want %v", tc.value, tc.how, tc.errno, got, tc.want)
		}
	}
	for value, want := range map[string]bool{"all": true, "!none": true, "failed": false, "!ENOENT": false, "none": false, "!all": false} {
		if set, _ := parseStatus(value); set.complete() != want {
			t.Errorf("%s is complete: %v, want %v", value, !want, want)
		}
	}
}

func TestCallSet(t *testing.T) {
	e := testEnvironment()
	for _, tc := range []struct {
		value   string
		abi, nr int
		want    bool
	}{
		{"open", abiAMD64, 2, true},
		{"open", abiI386, 5, true},
		{"open", abiI386, 2, false},
		{"open@64", abiI386, 5, false},
		{"!open", abiAMD64, 2, false},
		{"!open", abiAMD64, 9999, true},
		{"all@32", abiI386, 5, true},
		{"all@32", abiAMD64, 5, false},
		{"%file,close", abiAMD64, 3, true},
		{"network", abiI386, 102, true},
		{"/^open", abiAMD64, 257, true},
		{"/^open$", abiAMD64, 257, false},
		{"515@x32", abiX32, 515, true},
		{"1073742339@x32", abiX32, 515, true},
		{"none", abiAMD64, 2, false},
		{"!none", abiAMD64, 2, true},
	} {
		set, err := e.parseCalls(tc.value)
		if err != nil {
			t.Fatal(err)
		}
		if got := set.has(tc.abi, tc.nr); got != tc.want {
			t.Errorf("%s has %d of ABI %d: %v, want %v", tc.value, tc.nr, tc.abi, got, tc.want)
		}
	}
}

// TestOptionTable holds the table to what getopt and pflag need.
func TestOptionTable(t *testing.T) {
	short, long := map[string]bool{}, map[string]bool{}
	for _, o := range optionTable() {
		if o.short != "" && short[o.short] {
			t.Errorf("-%s twice", o.short)
		}
		short[o.short] = true
		for _, name := range o.long {
			if long[name] || len(name) < 2 {
				t.Errorf("--%s twice, or as short as a letter", name)
			}
			long[name] = true
		}
		if o.help == "" || o.set == nil || o.arg != noArgument && o.meta == "" {
			t.Errorf("-%s %v lacks help, an argument's name or an effect", o.short, o.long)
		}
	}
}
