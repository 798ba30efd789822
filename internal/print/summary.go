package print

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"strait/syscalls"
)

// A Column is a column of the summary, and a key to sort it by. Percentile + n
// is the column of the n-th per mille of wall-clock times: Percentile + 990 is
// p99.
type Column int

// The columns of --summary-columns, by strace's names for them.
const (
	Nothing     Column = iota // a sort key only: in the order of call numbers
	TimePercent               // "% time": share of all time
	TimeTotal                 // "seconds": of system time, or wall-clock time with Wall
	TimeMin                   // "shortest"
	TimeMax                   // "longest"
	TimeAvg                   // "usecs/call"
	WallTotal                 // "wall-total": of wall-clock time, always
	WallMin
	WallMax
	WallAvg
	Calls
	Errors
	Name
	Percentile
)

// SummaryOptions say what a [Summary] counts and shows. The zero value is the
// table of -c.
type SummaryOptions struct {
	Columns    []Column      // nil: % time, seconds, usecs/call, calls, errors, syscall
	SortBy     Column        // the greatest first, names in alphabetical order
	Wall       bool          // the time columns show wall-clock time, not system time
	Overhead   time.Duration // of tracing, taken off the times of each call
	PerProcess bool          // a table for each process follows those of all
}

// A Summary counts calls for the tables that -c prints. The zero value is not
// ready for use: see NewSummary.
type Summary struct {
	o     SummaryOptions
	all   tally
	procs map[int]*processTally // with PerProcess, by process id: those that live
	order []*processTally       // all of them, as they came
	hist  bool
}

// A processTally is what a process did, which others of the same id may follow.
type processTally struct {
	tally
	id   int
	comm string
}

// A tally is what was counted for all processes, or for one.
type tally struct {
	abi [syscalls.NumABI][]*usage // by number
	far map[farCall]*usage        // numbers too great for a slice
}

type farCall struct {
	abi    syscalls.ABIID
	nr     uint64
	inside bool // nr is that of a call that a multiplexer stands for
}

// A usage is what is known of one system call. Times are in ns.
type usage struct {
	name          string
	calls, errors uint64
	time, wall    span
	hist          *histogram
}

// A span is a sum of durations with the extremes.
type span struct{ sum, least, most int64 }

func (s *span) add(d int64, first bool) {
	d = max(d, 0)
	s.sum += d
	if first || d < s.least {
		s.least = d
	}
	s.most = max(s.most, d)
}

// merge adds what t counted.
func (s *span) merge(t span, first bool) {
	s.sum += t.sum
	if first || t.least < s.least {
		s.least = t.least
	}
	s.most = max(s.most, t.most)
}

// NewSummary returns an empty summary.
func NewSummary(o SummaryOptions) *Summary {
	if o.Columns == nil {
		o.Columns = []Column{TimePercent, TimeTotal, TimeAvg, Calls, Errors, Name}
	}
	if !slices.Contains(o.Columns, Name) {
		o.Columns = append(slices.Clip(o.Columns), Name)
	}
	s := &Summary{o: o, procs: map[int]*processTally{}}
	for _, c := range append(slices.Clone(o.Columns), o.SortBy) {
		s.hist = s.hist || c >= Percentile
	}
	return s
}

// Add counts a call at its exit. One that did not return does not count. Only
// the first call of a kind, or of a process, allocates.
func (s *Summary) Add(ev *syscalls.Event) {
	if !ev.Returned || ev.ABI == nil {
		return
	}
	s.count(&s.all, ev)
	if !s.o.PerProcess {
		return
	}
	s.count(&s.process(ev.PID).tally, ev)
}

func (s *Summary) process(pid int) *processTally {
	p := s.procs[pid]
	if p == nil {
		p = &processTally{id: pid}
		s.procs[pid] = p
		s.order = append(s.order, p)
	}
	return p
}

// Named says what a process is called from now on, which counts with PerProcess.
func (s *Summary) Named(pid int, comm []byte) {
	if s.o.PerProcess {
		s.process(pid).comm = string(comm)
	}
}

// Ended says that a process is no more: its id may be another's from now on.
func (s *Summary) Ended(pid int) { delete(s.procs, pid) }

func (s *Summary) count(t *tally, ev *syscalls.Event) {
	u := t.usage(ev)
	off := s.o.Overhead.Nanoseconds()
	wall := ev.MonoExit - ev.Mono - off
	u.wall.add(wall, u.calls == 0)
	if s.o.Wall {
		u.time = u.wall
	} else {
		u.time.add(ev.CPUExit-ev.CPUEnter-off, u.calls == 0)
	}
	u.calls++
	if ev.Errno != 0 {
		u.errors++
	}
	if s.hist {
		if u.hist == nil {
			u.hist = new(histogram)
		}
		u.hist.add(wall)
	}
}

// nearCalls bounds the slices of a tally: every call that exists is below.
const nearCalls = 1024

func (t *tally) usage(ev *syscalls.Event) *usage {
	abi, nr := ev.ABI.ID, ev.SetNumber()
	if nr >= nearCalls {
		key := farCall{abi, nr, nr != ev.Nr}
		u := t.far[key]
		if u == nil {
			if t.far == nil {
				t.far = map[farCall]*usage{}
			}
			u = &usage{name: string(AppendName(nil, ev))}
			t.far[key] = u
		}
		return u
	}
	list := &t.abi[abi]
	if nr >= uint64(len(*list)) {
		*list = append(*list, make([]*usage, int(nr)+1-len(*list))...)
	}
	u := (*list)[nr]
	if u == nil {
		u = &usage{name: string(AppendName(nil, ev))}
		(*list)[nr] = u
	}
	return u
}

// Append appends the tables: one for each ABI that was used, and with PerProcess
// the same for each process that made calls, under a line with its id and name.
func (s *Summary) Append(dst []byte) []byte {
	dst = s.tables(dst, &s.all)
	for _, p := range s.order {
		tables := s.tables(nil, &p.tally)
		if len(tables) == 0 {
			continue
		}
		dst = append(dst, "System call usage summary for process "...)
		dst = strconv.AppendInt(dst, int64(p.id), 10)
		if p.comm != "" {
			dst = append(append(append(dst, '<'), p.comm...), '>')
		}
		dst = append(append(dst, ":\n"...), tables...)
	}
	return dst
}

func (s *Summary) tables(dst []byte, t *tally) []byte {
	for id := range syscalls.NumABI {
		rows := t.rows(id)
		if len(rows) == 0 {
			continue
		}
		// The kernel's own word size goes without saying.
		if abi := syscalls.ByID(id); abi.Word != 8 {
			dst = append(append(dst, "System call usage summary for "...), abi.Bits...)
			dst = append(dst, " mode:\n"...)
		}
		dst = s.table(dst, rows)
	}
	return dst
}

// rows returns what was used on an ABI, by number.
func (t *tally) rows(id syscalls.ABIID) []*usage {
	var rows []*usage
	for _, u := range t.abi[id] {
		if u != nil {
			rows = append(rows, u)
		}
	}
	var far []farCall
	for key := range t.far {
		if key.abi == id {
			far = append(far, key)
		}
	}
	slices.SortFunc(far, func(a, b farCall) int {
		switch {
		case a.inside == b.inside:
			return cmp.Compare(a.nr, b.nr)
		case a.inside:
			return -1
		}
		return 1
	})
	for _, key := range far {
		rows = append(rows, t.far[key])
	}
	return rows
}

func (s *Summary) table(dst []byte, rows []*usage) []byte {
	slices.SortStableFunc(rows, s.compare)
	total := &usage{name: "total"}
	width := 16
	for i, u := range rows {
		total.calls += u.calls
		total.errors += u.errors
		total.time.merge(u.time, i == 0)
		total.wall.merge(u.wall, i == 0)
		if u.hist != nil {
			if total.hist == nil {
				total.hist = new(histogram)
			}
			total.hist.merge(u.hist)
		}
		width = max(width, len(u.name)+1)
	}
	dst = s.header(dst, width)
	dst = s.rule(dst, width)
	for _, u := range rows {
		dst = s.row(dst, u, share(u.time.sum, total.time.sum), width)
	}
	dst = s.rule(dst, width)
	return s.row(dst, total, 100, width)
}

// share is a part of a sum in per cent.
func share(part, sum int64) float64 {
	if sum == 0 {
		return 0
	}
	return 100 * float64(part) / float64(sum)
}

// compare orders rows by the sort key: numbers from the greatest, names from A.
func (s *Summary) compare(a, b *usage) int {
	switch s.o.SortBy {
	case Nothing:
		return 0
	case Name:
		return cmp.Compare(a.name, b.name)
	}
	return cmp.Compare(s.key(b), s.key(a))
}

func (s *Summary) key(u *usage) int64 {
	switch c := s.o.SortBy; c {
	case TimeMin:
		return u.time.least
	case TimeMax:
		return u.time.most
	case TimeAvg:
		return mean(u.time, u.calls)
	case WallTotal:
		return u.wall.sum
	case WallMin:
		return u.wall.least
	case WallMax:
		return u.wall.most
	case WallAvg:
		return mean(u.wall, u.calls)
	case Calls:
		return int64(u.calls)
	case Errors:
		return int64(u.errors)
	default:
		if c > Percentile {
			return u.hist.quantile(int(c - Percentile))
		}
	}
	return u.time.sum
}

// mean is the average in ns.
func mean(s span, calls uint64) int64 {
	if calls == 0 {
		return 0
	}
	return s.sum / int64(calls)
}
