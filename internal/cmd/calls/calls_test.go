package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"strait/syscalls"
)

const (
	tables = "../../../testdata/prog/tables"
	source = tables + "/run.c"
)

// each runs f for every table.
func each(t *testing.T, f func(t *testing.T, tab *table, name string)) {
	names, err := filepath.Glob(tables + "/*.calls")
	if err != nil || len(names) == 0 {
		t.Fatalf("no tables: %v", err)
	}
	for _, name := range names {
		t.Run(filepath.Base(name), func(t *testing.T) {
			tab, err := readTable(name, syscalls.ByID(syscalls.AMD64))
			if err != nil {
				t.Fatal(err)
			}
			f(t, tab, name)
		})
	}
}

// TestTables decodes the calls and compares the lines with those recorded.
func TestTables(t *testing.T) {
	each(t, func(t *testing.T, tab *table, name string) {
		want, err := expected(tab, name, "", "")
		if err != nil {
			t.Fatal(err)
		}
		tab.check(t, tab.decode(), want)
	})
}

// TestTracedTables traces the program that makes the calls with strait.
func TestTracedTables(t *testing.T) {
	strait := filepath.Join(t.TempDir(), "strait")
	if _, err := exec.LookPath("gcc"); err != nil {
		t.Skip("no gcc to build the program that makes the calls")
	}
	if out, err := exec.Command("go", "build", "-buildvcs=false", "-o", strait, "../../../cmd/strait").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	each(t, func(t *testing.T, tab *table, name string) {
		for _, p := range tab.protocols {
			fd, err := syscall.Socket(syscall.AF_NETLINK, syscall.SOCK_RAW, int(p))
			if err != nil {
				t.Skipf("the kernel has no netlink sockets of protocol %d: %v", p, err)
			}
			syscall.Close(fd)
		}
		got, err := tab.trace(strait, source, tab.variants[:1])
		if err != nil {
			t.Fatal(err)
		}
		tab.check(t, tab.decode(), got)
	})
}

// TestRecorded compares the recorded lines with what strace prints today.
func TestRecorded(t *testing.T) {
	strace := os.Getenv("STRAIT_STRACE")
	if strace == "" {
		t.Skip("no strace to compare with: STRAIT_STRACE is not set")
	}
	each(t, func(t *testing.T, tab *table, name string) {
		want, err := expected(tab, name, strace, source)
		if err != nil {
			t.Fatal(err)
		}
		tab.check(t, tab.decode(), want)
	})
}

func TestHalves(t *testing.T) {
	const trace = "7     read(0,  <unfinished ...>\n9     poll([], 0, -1) = 0\n7     <... read resumed>\"a\", 1) = 1\n" +
		"9     exit(0) = ?\n7     munlockall( <unfinished ...>\n9     a() = 0\n7     <... munlockall resumed>) = 81\n7     close(0) = 0\n"
	const want = "read(0,  ~ \"a\", 1) = 1\nmunlockall() = 81\nclose(0) = 0\n"
	if got := string(halves([]byte(trace))); got != want {
		t.Errorf("halves of a trace: got\n%swant\n%s", got, want)
	}
}

func (t *table) check(tt *testing.T, got, want lines) {
	tt.Helper()
	for v := range want {
		for i := range t.calls {
			if brief(got[v][i]) != brief(want[v][i]) && (want[v][i] != "" || t.variants[v].halves) {
				tt.Errorf("line %d %s\n got %s\nwant %s", t.calls[i].line, t.variants[v].name, got[v][i], want[v][i])
			}
		}
	}
}
