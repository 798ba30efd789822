package golden

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"strait/internal/tracefile"
)

func TestName(t *testing.T) {
	n := newNamer(&Options{CWD: "/home/u/w", Paths: []Replacement{{"/home/u", "~"}, {"/tmp/x-1/tmp", "/tmp"}, {"/tmp/x-1/root", "/"}}})
	n.temps["/tmp/ab12CD"] = "/tmp/TEMP"
	for in, want := range map[string]string{
		"/home/u/w":                       "./",
		"/home/u/w/a":                     "./a",
		"/home/u/wx":                      "~/wx",
		"/home/u/.ssh":                    "~/.ssh",
		"/tmp/x-1/tmp/f":                  "/tmp/f",
		"/tmp/x-1/root/etc":               "/etc",
		"/tmp/x-1/root":                   "/",
		"/tmp/ab12CD/y/z":                 "/tmp/TEMP/y/z",
		"/proc/123/status":                "/proc/PID/status",
		"/proc/self/status":               "/proc/self/status",
		"/bin/sh":                         "/usr/bin/sh",
		"/lib/x86_64-linux-gnu/libc.so.6": "/usr/lib/libc.so",
		"/lib64/ld-linux-x86-64.so.2":     "/usr/lib/ld-linux-x86-64.so",
		"/usr/lib/aarch64-linux-gnu/libz.so.1.2.13": "/usr/lib/libz.so",
		"/usr/lib/python3.11/os.py":                 "/usr/lib/python/os.py",
		"/usr/lib/x/_y.cpython-311-x86_64.so":       "/usr/lib/x/_y.cpython-x86_64.so",
		"/etc/x-1.2.3":                              "/etc/x-1.2.3",
		"/var/lib/dpkg":                             "/var/lib/dpkg",
		"/x/./y/.":                                  "/x/y",
		"./a":                                       "./a",
		"/gone (deleted)":                           "/gone",
		"":                                          "",
	} {
		if got := n.name(in); got != want {
			t.Errorf("%q is called %q, want %q", in, got, want)
		}
	}
}

func TestIsTemporary(t *testing.T) {
	owner, drawn := candidate{alone: true, owner: true}, candidate{alone: true, drawn: true}
	for _, test := range []struct {
		name string
		c    candidate
		gone bool
		want bool
	}{
		{"ccAb12Xy", owner, false, true},
		{"tmp.x8Kq2Z", owner, false, true},
		{"tmp_obj_aB3dEf", candidate{}, true, true},
		{"tmp_obj_aB3dEf", drawn, false, true},
		{"tmp_obj_aB3dEf", candidate{}, false, false},
		{"tmp_obj_abcdef", drawn, false, true},
		{"tmp_obj_abcdef", candidate{}, true, true},
		{"tmpabcd_fgh", owner, false, true}, // Python's
		{"tmp.abcdefghij", owner, false, true},
		{"ccabcdef.s", owner, false, true},
		{"ccSmHJYW.cdtor.c", owner, false, true},
		{"sedCRSHDV", owner, true, true},
		{"sem.mp-abcdefgh", candidate{}, true, true},
		{"sem.mp-g6eth20_", candidate{}, true, true},
		{"x-QwErTy", owner, false, true},
		{"go-build123456789", owner, false, true},
		{"paqjvo_t", owner, true, true},
		{"paqjvo_t", owner, false, false},
		{"f-0b37b2f8-93a1-4d6c-8a55-0123456789ab", candidate{}, false, true},
		// Names that somebody chose.
		{"x-QwErTy", candidate{}, false, false},
		{"report1", candidate{}, false, false},
		{"report1.txt", owner, false, false},
		{"md5sums", candidate{}, false, false},
		{"configuration", candidate{}, true, false},
		{"index", owner, true, false},
		{"lockfiles", owner, true, false},
		{"private", owner, false, false}, // mkdir -m 700 private
		{"authorized_keys", owner, false, false},
		{"settings.json", owner, false, false},
		{"20260101", candidate{}, false, false},
	} {
		if got := isTemporary(test.name, test.c, test.gone); got != test.want {
			t.Errorf("%s, %+v, gone %v: %v, want %v", test.name, test.c, test.gone, got, test.want)
		}
	}
}

// What is by chance in the name of a file that was made.
func TestWithoutChance(t *testing.T) {
	n := newNamer(&Options{})
	n.pids["4711"], n.pids["12"] = true, true
	for in, want := range map[string]string{
		"run.4711.pid": "run.PID.pid", "run.4712": "run.4712", "f12": "f12", "x47111": "x47111",
		"log-2026-11-30.txt": "log-TIME.txt", "log-20261130T101500Z": "log-TIME", "log-2026-13-30": "log-2026-13-30",
		"1764496800-4711.host": "TIME-PID.host", "7be4711c": "7be4711c", "17644968001": "17644968001", "2026": "2026",
	} {
		if got := n.withoutChance(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

func TestHashes(t *testing.T) {
	h := strings.Repeat("0a", 19)
	for in, want := range map[string]string{
		"./.git/objects/35": "./.git/objects/HASH", "./.git/objects/35/" + h: "./.git/objects/HASH/HASH", "r.git/objects/35/TEMP": "r.git/objects/HASH/TEMP",
		"./.git/objects/pack": "./.git/objects/pack", "./objects/35/long-enough": "./objects/35/long-enough",
		"/c/ab/" + h + "ab": "/c/HASH", "/c/" + h + "ab.tmp": "/c/HASH.tmp", "/c/" + h: "/c/" + h,
	} {
		if got := hashes(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

func TestValueEnd(t *testing.T) {
	for s, want := range map[string]string{
		"1, b=2}": "1", "{x={1}, y=2}, b": "{x={1}, y=2}", "[1, {2}]}": "[1, {2}]", "\"a, }\"}": "\"a, }\"", "f(1, 2)": "f(1, 2)", "1}": "1", "1 b": "1", "": "",
	} {
		if got := s[:valueEnd(s)]; got != want {
			t.Errorf("%q begins with the value %q, want %q", s, got, want)
		}
	}
}

func TestWild(t *testing.T) {
	for _, test := range []struct {
		pattern, s string
		want       bool
	}{
		{"a", "a", true},
		{"a", "ab", false},
		{"a*", "ab", true},
		{"*b", "ab", true},
		{"a*c*e", "abcde", true},
		{"a*c*e", "ae", false},
		{"*", "", true},
		{"ab*ba", "aba", false},
	} {
		if got := wild(test.pattern, test.s); got != test.want {
			t.Errorf("%q matches %q: %v", test.pattern, test.s, got)
		}
	}
}

// An edit script makes b of a, and is as short as one by dynamic programming.
func TestScript(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		make := func() []Line {
			out := []Line{}
			for range r.IntN(12) {
				out = append(out, Line{Text: string(rune('a' + r.IntN(4)))})
			}
			return out
		}
		a, b := make(), make()
		var got []Line
		at, cost := 0, 0
		for _, e := range script(a, b) {
			got = append(append(got, a[at:e.a]...), b[e.b:e.bEnd]...)
			at = e.aEnd
			cost += e.aEnd - e.a + e.bEnd - e.b
		}
		got = append(got, a[at:]...)
		if !slices.EqualFunc(got, b, sameText) {
			t.Fatalf("%v → %v by %v gives %v", a, b, script(a, b), got)
		}
		if want := distance(a, b); cost != want {
			t.Fatalf("%v → %v takes %d edits, want %d", a, b, cost, want)
		}
	}
}

func distance(a, b []Line) int {
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		for k := range d[i] {
			switch {
			case i == 0 || k == 0:
				d[i][k] = i + k
			case a[i-1].Text == b[k-1].Text:
				d[i][k] = d[i-1][k-1]
			default:
				d[i][k] = 1 + min(d[i-1][k], d[i][k-1])
			}
		}
	}
	return d[len(a)][len(b)]
}

// Traces that have nothing in common are compared in bounded time and memory.
func TestScriptOfStrangers(t *testing.T) {
	var a, b []Line
	for i := range 20000 {
		a, b = append(a, Line{Text: "a"}), append(b, Line{Text: "b"})
		_ = i
	}
	if got := script(a, b); len(got) != 1 || got[0] != (edit{0, len(a), 0, len(b)}) {
		t.Errorf("got %d edits", len(got))
	}
}

// Where a signal of another comes is chance; one that a program sends itself, or
// that a mistake of it makes, stands where it came.
func TestSignals(t *testing.T) {
	for text, want := range map[string]string{
		"1 execve(\"/usr/bin/app\", [\"app\"], 0x7ff) = 0\n1 --- SIGUSR1 {} ---\n1 unlink(\"/a\") = 0\n1 --- SIGUSR1 {} ---\n1 --- SIGALRM {} ---\n1 +++ exited with 0 +++\n": "exec app [app]|unlink /a|signal SIGALRM|signal SIGUSR1|exited with 0",
		"1 execve(\"/usr/bin/app\", [\"app\"], 0x7ff) = 0\n1 kill(1, SIGUSR1) = 0\n1 --- SIGUSR1 {} ---\n1 unlink(\"/a\") = 0\n1 +++ exited with 0 +++\n":                     "exec app [app]|kill self SIGUSR1|signal SIGUSR1|unlink /a|exited with 0",
		"1 execve(\"/usr/bin/app\", [\"app\"], 0x7ff) = 0\n1 --- SIGSEGV {} ---\n1 unlink(\"/a\") = 0\n1 --- SIGPIPE {} ---\n1 +++ killed by SIGPIPE +++\n":                   "exec app [app]|signal SIGSEGV|unlink /a|killed by SIGPIPE",
	} {
		saved, err := tracefile.Read(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		tr := Build(FromSaved(saved, Options{ABI: "amd64"}), Options{Depth: Calls, ABI: "amd64"})
		var got []string
		for _, l := range tr.Processes[0].Lines {
			got = append(got, l.Text)
		}
		if s := strings.Join(got, "|"); s != want {
			t.Errorf("%s\n got %s\nwant %s", text, s, want)
		}
	}
}

// Where a program was looked for in vain is a matter of $PATH, whatever keeps it from
// being there.
func TestIsSearch(t *testing.T) {
	n := newNamer(&Options{})
	n.execs["cat"] = true
	for _, test := range []struct {
		path, errno string
		want        bool
	}{
		{"/usr/bin/dog", "", true},
		{"/home/a/bin/cat", "ENOENT", true},
		{"/root/bin/cat", "EACCES", true},
		{"/home/a/file/cat", "ENOTDIR", true},
		{"/home/a/bin/cat", "", false},
		{"/home/a/bin/cat", "ELOOP", false},
		{"/root/secret", "EACCES", false},
	} {
		if got := n.isSearch(test.path, test.errno); got != test.want {
			t.Errorf("%s %s: %v", test.path, test.errno, got)
		}
	}
}
