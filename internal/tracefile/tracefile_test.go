package tracefile_test

import (
	"strings"
	"testing"

	"strait/internal/tracefile"
)

func parse(t *testing.T, text string) []tracefile.Record {
	t.Helper()
	r, err := tracefile.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestParseJoinsInterruptedCalls(t *testing.T) {
	got := parse(t, "10    read(3,  <unfinished ...>\n11 getpid() = 11\n10    <... read resumed>\"x\", 1) = 1\n")
	want := []tracefile.Record{{PID: 10, Text: `read(3, "x", 1) = 1`}, {PID: 11, Text: "getpid() = 11"}}
	if len(got) != len(want) || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestParseRefusesLinesWithoutPID(t *testing.T) {
	_, err := tracefile.Parse(strings.NewReader("1 a() = 0\nfoo() = 0\n"))
	if err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("got %v, want an error that names line 2", err)
	}
}

func TestCompare(t *testing.T) {
	a := parse(t, "10 vfork() = 11\n11 brk(NULL) = 0x55555560a000\n10 wait4(-1, NULL, 0, NULL) = 11\n")
	b := parse(t, "20 vfork() = 21\n21 brk(NULL)   = 0x7777775f5000\n20 wait4(-1, NULL, 0, NULL) = 21\n")
	if d := tracefile.Compare(a, b, nil); len(d) != 0 {
		t.Errorf("runs that differ in pids and addresses: %v", d)
	}
	c := parse(t, "20 vfork() = 21\n21 brk(NULL) = 0x7777775f5000\n21 getuid() = 0\n20 wait4(-1, NULL, 0, NULL) = 21\n")
	d := tracefile.Compare(a, c, nil)
	if len(d) != 1 || d[0] != (tracefile.Difference{Process: "0.0", Line: "getuid() = 0", A: 0, B: 1}) {
		t.Errorf("got %v, want the one new line of the child", d)
	}
	if d := tracefile.Compare(a, c, tracefile.Noise(a, c)); len(d) != 0 {
		t.Errorf("noise was not ignored: %v", d)
	}
}
