package tracefile

import (
	"fmt"
	"slices"
	"strings"

	"strait/internal/lazyregexp"
)

// Normalise takes out of a line what differs from run to run.
func Normalise(text string) string {
	for _, r := range variable {
		text = r.re.ReplaceAllString(text, r.to)
	}
	return text
}

var variable = []struct {
	re *lazyregexp.Regexp
	to string
}{
	{lazyregexp.New(`\) +(= |\?)`), `) $1`},
	{lazyregexp.New(`0x[0-9a-f]{5,}\b`), "ADDR"},
	{lazyregexp.New(`\b(si_pid|si_utime|si_stime|tv_n?u?sec|ru_\w+|st_[amc]time(?:_nsec)?|stx_\w+time|tms_\w+|freeram|bufferram|sharedram|uptime|procs|f_bfree|f_bavail|f_ffree|parent_tid|st_ino|stx_ino|stx?_nlink|d_ino|d_off|cmsg_pid)=(?:\[?-?[0-9]+\]?( /\* [^*]* \*/)?)`), "$1=N"},
	{lazyregexp.New(`(loads)=\[[^]]*\]`), "$1=[]"},
	{lazyregexp.New(`^((?:clone3?|v?fork|getpid|gettid|getppid|wait4|waitid|setsid|getpgrp|set_tid_address|times|time|getpgid|getsid)\(.*\) = )\d+`), "${1}N"},
	{lazyregexp.New(`^((?:kill|tgkill|tkill|wait4|waitid|setpgid|prlimit64|getpgid|sched_\w+)\()\d{2,}`), "${1}N"},
	{lazyregexp.New(`^(tgkill\(N, )\d+`), "${1}N"},
	{lazyregexp.New(`^(ioctl\(\d+, TIOC[GS]PGRP, )\[\d+\]`), "${1}[N]"},
	{lazyregexp.New(`^getrandom\("[^"]*"(\.\.\.)?`), `getrandom("..."`},
	{lazyregexp.New(`/proc/\d+`), "/proc/N"},
	{lazyregexp.New(`/tmp/cc\w{6}`), "/tmp/ccN"},
	{lazyregexp.New(`sin6?_port=htons\(\d+\)`), "port"},
	{lazyregexp.New(`(pipe|socket):\[\d+\]`), "$1:[N]"},
}

// A Difference is a line that one trace has more often than the other.
type Difference struct {
	Process string
	Line    string
	A, B    int // how often
}

func (d Difference) String() string {
	return fmt.Sprintf("%s: %d != %d: %s", d.Process, d.A, d.B, d.Line)
}

// Compare compares two traces. ignore, if not nil, says which lines do not
// count.
func Compare(a, b []Record, ignore func(process, line string) bool) []Difference {
	ca, cb := count(a), count(b)
	var out []Difference
	for key, n := range ca {
		if m := cb[key]; m != n {
			out = append(out, Difference{key[0], key[1], n, m})
		}
	}
	for key, m := range cb {
		if _, ok := ca[key]; !ok {
			out = append(out, Difference{key[0], key[1], 0, m})
		}
	}
	if ignore != nil {
		out = slices.DeleteFunc(out, func(d Difference) bool { return ignore(d.Process, d.Line) })
	}
	slices.SortFunc(out, func(x, y Difference) int {
		return strings.Compare(x.Process+"\x00"+x.Line, y.Process+"\x00"+y.Line)
	})
	return out
}

// Noise returns an ignore function for Compare: the calls in which two traces by
// the same tool differ, for each process.
func Noise(a, b []Record) func(process, line string) bool {
	noisy := map[[2]string]bool{}
	for _, d := range Compare(a, b, nil) {
		noisy[[2]string{d.Process, call(d.Line)}] = true
	}
	return func(process, line string) bool { return noisy[[2]string{process, call(line)}] }
}

// call returns the name of the call of a line, or its first word.
func call(line string) string {
	name, _, _ := strings.Cut(line, "(")
	return name
}

func count(recs []Record) map[[2]string]int {
	out := map[[2]string]int{}
	for key, lines := range Processes(recs) {
		for _, l := range lines {
			out[[2]string{key, Normalise(l)}]++
		}
	}
	return out
}
