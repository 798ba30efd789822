package print

import (
	"cmp"
	"slices"
	"strconv"

	"strait/syscalls"
)

// A Column is a column of the summary, and a key to sort it by.
type Column int

// The columns, and Nothing: unsorted.
const (
	Nothing Column = iota
	TimePercent
	TimeTotal
	TimeMin
	TimeMax
	TimeAvg
	WallTotal
	WallMin
	WallMax
	WallAvg
	Calls
	Errors
	Name
	Percentile // and per mille: Percentile+950 is p95
)

// SummaryOptions say how a summary is written.
type SummaryOptions struct {
	Columns  []Column
	SortBy   Column
	Wall     bool  // times are wall clock
	Overhead int64 // ns that each call cost, taken off its time
}

// A Summary counts calls: how often, how long, how many failed.
type Summary struct{ rows map[key]*row }

type key struct {
	abi syscalls.ABIID
	nr  uint64
}

type row struct {
	name          string
	abi           *syscalls.ABI
	calls, errors int64
	cpu, wall     span
	samples       []int64 // wall ns, for percentiles
}

// A span is the durations of calls, in ns.
type span struct{ total, min, max int64 }

func (s *span) add(d int64, first bool) {
	d = max(d, 0)
	s.total += d
	if first || d < s.min {
		s.min = d
	}
	s.max = max(s.max, d)
}

// NewSummary returns an empty summary.
func NewSummary() *Summary { return &Summary{rows: map[key]*row{}} }

// Add counts a call that is over.
func (s *Summary) Add(ev *syscalls.Event) {
	k := key{ev.ABI.ID, ev.Nr}
	r := s.rows[k]
	if r == nil {
		r = &row{name: string(AppendName(nil, ev)), abi: ev.ABI}
		s.rows[k] = r
	}
	r.cpu.add(ev.CPUExit-ev.CPUEnter, r.calls == 0)
	r.wall.add(ev.MonoExit-ev.Mono, r.calls == 0)
	r.calls++
	if ev.Errno != 0 {
		r.errors++
	}
	r.samples = append(r.samples, ev.MonoExit-ev.Mono)
}

// columnForm is how a column is laid out.
type columnForm struct {
	head  string
	width int
}

var forms = map[Column]columnForm{
	TimePercent: {"% time", 6}, TimeTotal: {"seconds", 11}, TimeMin: {"shortest", 8}, TimeMax: {"longest", 8},
	TimeAvg: {"usecs/call", 11}, WallTotal: {"wall-total", 11}, WallMin: {"wall-min", 8}, WallMax: {"wall-max", 8},
	WallAvg: {"wall-avg", 11}, Calls: {"calls", 9}, Errors: {"errors", 9}, Name: {"syscall", 16},
}

func formOf(c Column) columnForm {
	if c > Percentile {
		return columnForm{"p" + strconv.FormatFloat(float64(c-Percentile)/10, 'g', -1, 64), 11}
	}
	return forms[c]
}

// Append appends the table of each ABI that made calls.
func (s *Summary) Append(dst []byte, o SummaryOptions) []byte {
	for id := range syscalls.NumABI {
		var rows []*row
		for k, r := range s.rows {
			if k.abi == id {
				rows = append(rows, r)
			}
		}
		if len(rows) == 0 {
			continue
		}
		if len(dst) > 0 {
			dst = append(append(append(dst, "System call usage summary for "...), rows[0].abi.Bits...), " mode:\n"...)
		}
		dst = table(dst, rows, o)
	}
	return dst
}

func table(dst []byte, rows []*row, o SummaryOptions) []byte {
	total := &row{name: "total"}
	for i, r := range rows {
		if o.Wall {
			r.cpu = r.wall
		}
		r.cpu.total = max(r.cpu.total-o.Overhead*r.calls, 0)
		total.calls += r.calls
		total.errors += r.errors
		total.cpu.merge(r.cpu, i == 0)
		total.wall.merge(r.wall, i == 0)
		total.samples = append(total.samples, r.samples...)
	}
	order(rows, o.SortBy)
	dst = line(dst, o.Columns, func(dst []byte, c Column) []byte { return append(dst, formOf(c).head...) })
	dst = rule(dst, o.Columns)
	for _, r := range rows {
		dst = line(dst, o.Columns, func(dst []byte, c Column) []byte { return r.cell(dst, c, total.cpu.total, false) })
	}
	dst = rule(dst, o.Columns)
	return line(dst, o.Columns, func(dst []byte, c Column) []byte { return total.cell(dst, c, total.cpu.total, true) })
}

func (s *span) merge(o span, first bool) {
	s.total += o.total
	if first || o.min < s.min {
		s.min = o.min
	}
	s.max = max(s.max, o.max)
}

func order(rows []*row, by Column) {
	slices.SortStableFunc(rows, func(a, b *row) int { return cmp.Compare(a.name, b.name) })
	value := func(r *row) int64 {
		switch by {
		case TimePercent, TimeTotal:
			return r.cpu.total
		case TimeMin:
			return r.cpu.min
		case TimeMax:
			return r.cpu.max
		case TimeAvg:
			return r.cpu.total / r.calls
		case WallTotal:
			return r.wall.total
		case WallMin:
			return r.wall.min
		case WallMax:
			return r.wall.max
		case WallAvg:
			return r.wall.total / r.calls
		case Calls:
			return r.calls
		case Errors:
			return r.errors
		}
		return 0
	}
	slices.SortStableFunc(rows, func(a, b *row) int {
		if by == Name {
			return cmp.Compare(a.name, b.name)
		}
		return cmp.Or(cmp.Compare(value(b), value(a)), cmp.Compare(b.calls, a.calls))
	})
}

func line(dst []byte, columns []Column, cell func([]byte, Column) []byte) []byte {
	for i, c := range columns {
		if i > 0 {
			dst = append(dst, ' ')
		}
		start := len(dst)
		dst = cell(dst, c)
		pad := formOf(c).width - (len(dst) - start)
		switch {
		case c == Name && i == len(columns)-1:
		case c == Name:
			for ; pad > 0; pad-- {
				dst = append(dst, ' ')
			}
		case pad > 0:
			dst = slices.Insert(dst, start, slices.Repeat([]byte{' '}, pad)...)
		}
	}
	return append(dst, '\n')
}

func rule(dst []byte, columns []Column) []byte {
	for i, c := range columns {
		if i > 0 {
			dst = append(dst, ' ')
		}
		dst = append(dst, slices.Repeat([]byte{'-'}, formOf(c).width)...)
	}
	return append(dst, '\n')
}

func (r *row) cell(dst []byte, c Column, all int64, sum bool) []byte {
	calls := max(r.calls, 1)
	switch c {
	case TimePercent:
		share := 0.0
		if sum {
			share = 100
		} else if all > 0 {
			share = 100 * float64(r.cpu.total) / float64(all)
		}
		return strconv.AppendFloat(dst, share, 'f', 2, 64)
	case TimeTotal:
		return seconds(dst, r.cpu.total)
	case TimeMin:
		return seconds(dst, r.cpu.min)
	case TimeMax:
		return seconds(dst, r.cpu.max)
	case TimeAvg:
		return strconv.AppendInt(dst, r.cpu.total/calls/1000, 10)
	case WallTotal:
		return seconds(dst, r.wall.total)
	case WallMin:
		return seconds(dst, r.wall.min)
	case WallMax:
		return seconds(dst, r.wall.max)
	case WallAvg:
		return strconv.AppendInt(dst, r.wall.total/calls/1000, 10)
	case Calls:
		return strconv.AppendInt(dst, r.calls, 10)
	case Errors:
		if r.errors == 0 {
			return dst
		}
		return strconv.AppendInt(dst, r.errors, 10)
	case Name:
		return append(dst, r.name...)
	}
	return seconds(dst, r.percentile(int(c-Percentile)))
}

// percentile returns the wall time that perMille of the calls did not exceed.
func (r *row) percentile(perMille int) int64 {
	slices.Sort(r.samples)
	if len(r.samples) == 0 {
		return 0
	}
	i := (len(r.samples)*perMille + 999) / 1000
	return r.samples[max(i-1, 0)]
}

func seconds(dst []byte, ns int64) []byte {
	return strconv.AppendFloat(dst, float64(ns/1000)/1e6, 'f', 6, 64)
}
