package print

import (
	"strings"
	"testing"
	"time"

	"strait/syscalls"

	"github.com/google/go-cmp/cmp"
)

// callOf makes a call of the ABI that took d of wall-clock time and cpu of system
// time.
func callOf(t *testing.T, id syscalls.ABIID, name string, d, cpu time.Duration, errno int) *syscalls.Event {
	t.Helper()
	abi := syscalls.ByID(id)
	nr, ok := abi.Number(name)
	if !ok {
		t.Fatalf("%s has no %s", abi.Name, name)
	}
	return &syscalls.Event{
		ABI: abi, Nr: nr, Call: abi.Call(nr), TID: 7, PID: 7, Returned: true, Errno: errno,
		Mono: 1000, MonoExit: 1000 + d.Nanoseconds(), CPUEnter: 5, CPUExit: 5 + cpu.Nanoseconds(),
	}
}

func sampleSummary(t *testing.T, o SummaryOptions) *Summary {
	us := time.Microsecond
	s := NewSummary(o)
	s.Add(callOf(t, syscalls.AMD64, "close", 40*us, 30*us, 9))
	s.Add(callOf(t, syscalls.AMD64, "close", 20*us, 10*us, 0))
	s.Add(callOf(t, syscalls.AMD64, "read", 142600*time.Nanosecond, 60*us, 0))
	s.Add(callOf(t, syscalls.AMD64, "sched_get_priority_max", us, 0, 0))
	return s
}

// The expected tables have the layout that strace 7.2 prints.
func TestSummaryTables(t *testing.T) {
	for _, test := range []struct {
		name string
		o    SummaryOptions
		want string
	}{
		{"default", SummaryOptions{SortBy: TimeTotal}, `% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- -----------------------
 60.00    0.000060          60         1           read
 40.00    0.000040          20         2         1 close
  0.00    0.000000           0         1           sched_get_priority_max
------ ----------- ----------- --------- --------- -----------------------
100.00    0.000100          25         4         1 total
`},
		{"name first, by name", SummaryOptions{SortBy: Name, Columns: []Column{Name, Errors}}, `syscall                    errors
----------------------- ---------
close                           1
read                             
sched_get_priority_max           
----------------------- ---------
total                           1
`},
		{"wall", SummaryOptions{SortBy: Nothing, Wall: true, Columns: []Column{TimeMin, TimeMax, TimeAvg, WallTotal, WallMin, WallMax, WallAvg}}, `shortest  longest  usecs/call  wall-total wall-min wall-max    wall-avg syscall
-------- -------- ----------- ----------- -------- -------- ----------- -----------------------
0.000143 0.000143         142    0.000143 0.000143 0.000143         142 read
0.000020 0.000040          30    0.000060 0.000020 0.000040          30 close
0.000001 0.000001           1    0.000001 0.000001 0.000001           1 sched_get_priority_max
-------- -------- ----------- ----------- -------- -------- ----------- -----------------------
0.000001 0.000143          50    0.000204 0.000001 0.000143          50 total
`},
		{"overhead", SummaryOptions{SortBy: Calls, Wall: true, Overhead: 30 * time.Microsecond, Columns: []Column{TimeTotal, Calls}}, `    seconds     calls syscall
----------- --------- -----------------------
   0.000010         2 close
   0.000113         1 read
   0.000000         1 sched_get_priority_max
----------- --------- -----------------------
   0.000123         4 total
`},
	} {
		got := string(sampleSummary(t, test.o).Append(nil))
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", test.name, diff)
		}
	}
}

func TestSummaryOfOtherABIs(t *testing.T) {
	s := NewSummary(SummaryOptions{SortBy: Calls, Columns: []Column{Calls}, PerProcess: true})
	ev := callOf(t, syscalls.I386, "getpid", 0, 0, 0)
	s.Add(ev)
	ev.Nr = 5000
	ev.Call = nil
	s.Add(ev)
	ev.Returned = false
	s.Add(ev)
	const table = `System call usage summary for 32 bit mode:
    calls syscall
--------- ----------------
        1 getpid
        1 syscall_0x1388
--------- ----------------
        2 total
`
	want := table + "System call usage summary for process 7:\n" + table
	if diff := cmp.Diff(want, string(s.Append(nil))); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	// The name that it had last; another process with the same id; one without calls.
	s.Named(7, []byte("sh"))
	s.Named(7, []byte("true"))
	s.Ended(7)
	s.Named(8, []byte("idle"))
	ev = callOf(t, syscalls.I386, "getpid", 0, 0, 0)
	s.Add(ev)
	s.Named(7, []byte("ls"))
	got := string(s.Append(nil))
	for _, head := range []string{"for process 7<true>:\n", "for process 7<ls>:\n"} {
		if strings.Count(got, head) != 1 {
			t.Errorf("%q is not once in\n%s", head, got)
		}
	}
	if strings.Contains(got, "idle") {
		t.Errorf("a table of a process without calls:\n%s", got)
	}
	if got := NewSummary(SummaryOptions{}).Append(nil); len(got) != 0 {
		t.Errorf("no calls: %q, want nothing", got)
	}
}

// The calls that socketcall(2) stands for are counted apart from those by numbers of their own.
func TestSummaryOfMultiplexers(t *testing.T) {
	s := NewSummary(SummaryOptions{SortBy: Name, Columns: []Column{Calls}})
	dec := syscalls.Decoder{Inner: true}
	args := args32{0x1000: {2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0}}
	add := func(nr uint64, regs ...uint64) {
		ev := &syscalls.Event{ABI: syscalls.ByID(syscalls.I386), Nr: nr, Returned: true}
		copy(ev.Args[:], regs)
		dec.Resolve(ev, args)
		s.Add(ev)
	}
	add(102, 1, 0x1000) // socketcall(SYS_SOCKET)
	add(102, 1, 0x1000)
	add(359, 2, 1, 0)      // socket
	add(102, 1, 0x2000)    // whose arguments cannot be read
	add(117, 24, 0, 0, 16) // ipc(SHMCTL)
	add(4097)
	const want = `System call usage summary for 32 bit mode:
    calls syscall
--------- ----------------
        1 shmctl
        1 socket
        2 socket
        1 socketcall
        1 syscall_0x1001
--------- ----------------
        6 total
`
	if diff := cmp.Diff(want, string(s.Append(nil))); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// args32 is memory in pieces.
type args32 map[uint64][]byte

func (m args32) ReadMemory(addr uint64, p []byte) int                { return copy(p, m[addr]) }
func (args32) AppendFD(dst []byte, _ int32) []byte                   { return dst }
func (args32) AppendPID(dst []byte, _ syscalls.Kind, _ int32) []byte { return dst }

func TestSummaryPercentiles(t *testing.T) {
	s := NewSummary(SummaryOptions{SortBy: Percentile + 500, Columns: []Column{Percentile + 500, Percentile + 999}})
	for i := range 1000 {
		s.Add(callOf(t, syscalls.AMD64, "read", time.Duration(i+1)*time.Microsecond, 0, 0))
	}
	want := "     p50    p99.9 syscall\n-------- -------- ----------------\n0.000508 0.000999 read\n" +
		"-------- -------- ----------------\n0.000508 0.000999 total\n"
	if diff := cmp.Diff(want, string(s.Append(nil))); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestHistogramBuckets(t *testing.T) {
	last := -1
	for _, v := range []uint64{0, 1, 31, 32, 63, 64, 65, 66, 127, 128, 131, 132, 1 << 20, 1<<20 + 1<<15, 1<<63 - 1} {
		i := bucket(v)
		if i < last || i >= len(histogram{}.counts) {
			t.Errorf("bucket(%d) = %d after %d", v, i, last)
		}
		last = i
		if top := uint64(bucketTop(i)); top < v || v > 0 && float64(top-v)/float64(v) > 1.0/32 {
			t.Errorf("bucket %d of %d ends at %d", i, v, top)
		}
	}
}

func TestSummaryAllocates(t *testing.T) {
	s := sampleSummary(t, SummaryOptions{PerProcess: true, Columns: []Column{Percentile + 990}})
	ev := callOf(t, syscalls.AMD64, "close", 1, 1, 0)
	if n := testing.AllocsPerRun(100, func() { s.Add(ev) }); n != 0 {
		t.Errorf("Add allocates %v times", n)
	}
}
