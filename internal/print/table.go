package print

import (
	"math"
	"math/bits"
	"strconv"
)

// This file draws the tables of a Summary.

// heading returns the heading of a column and its width.
func (c Column) heading() (title string, width int) {
	switch c {
	case TimePercent:
		return "% time", 6
	case TimeTotal:
		return "seconds", 11
	case TimeMin:
		return "shortest", 8
	case TimeMax:
		return "longest", 8
	case TimeAvg:
		return "usecs/call", 11
	case WallTotal:
		return "wall-total", 11
	case WallMin:
		return "wall-min", 8
	case WallMax:
		return "wall-max", 8
	case WallAvg:
		return "wall-avg", 11
	case Calls:
		return "calls", 9
	case Errors:
		return "errors", 9
	case Name:
		return "syscall", 16
	}
	n := int(c - Percentile)
	title = "p" + strconv.Itoa(n/10)
	if n%10 != 0 {
		title += "." + strconv.Itoa(n%10)
	}
	return title, 8
}

func (s *Summary) header(dst []byte, nameWidth int) []byte {
	return s.line(dst, nameWidth, func(dst []byte, c Column) []byte {
		title, _ := c.heading()
		return append(dst, title...)
	})
}

func (s *Summary) row(dst []byte, u *usage, percent float64, nameWidth int) []byte {
	return s.line(dst, nameWidth, func(dst []byte, c Column) []byte { return u.cell(dst, c, percent) })
}

// line appends a line of cells: numbers to the right of their column, the name to
// the left and without blanks at the end of the line.
func (s *Summary) line(dst []byte, nameWidth int, cell func([]byte, Column) []byte) []byte {
	for i, c := range s.o.Columns {
		if i > 0 {
			dst = append(dst, ' ')
		}
		_, width := c.heading()
		start := len(dst)
		dst = cell(dst, c)
		n := len(dst) - start
		switch {
		case c != Name:
			dst = padLeft(dst, start, width-n)
		case i < len(s.o.Columns)-1:
			for ; n < nameWidth; n++ {
				dst = append(dst, ' ')
			}
		}
	}
	return append(dst, '\n')
}

// padLeft moves dst[start:] n places to the right.
func padLeft(dst []byte, start, n int) []byte {
	for range n {
		dst = append(dst, ' ')
	}
	if n > 0 {
		copy(dst[start+n:], dst[start:len(dst)-n])
		for i := range n {
			dst[start+i] = ' '
		}
	}
	return dst
}

func (s *Summary) rule(dst []byte, nameWidth int) []byte {
	for i, c := range s.o.Columns {
		if i > 0 {
			dst = append(dst, ' ')
		}
		_, width := c.heading()
		if c == Name {
			width = nameWidth
		}
		for range width {
			dst = append(dst, '-')
		}
	}
	return append(dst, '\n')
}

func (u *usage) cell(dst []byte, c Column, percent float64) []byte {
	switch c {
	case TimePercent:
		return strconv.AppendFloat(dst, percent, 'f', 2, 64)
	case TimeTotal:
		return appendSeconds(dst, u.time.sum)
	case TimeMin:
		return appendSeconds(dst, u.time.least)
	case TimeMax:
		return appendSeconds(dst, u.time.most)
	case TimeAvg:
		return strconv.AppendInt(dst, mean(u.time, u.calls)/1000, 10)
	case WallTotal:
		return appendSeconds(dst, u.wall.sum)
	case WallMin:
		return appendSeconds(dst, u.wall.least)
	case WallMax:
		return appendSeconds(dst, u.wall.most)
	case WallAvg:
		return strconv.AppendInt(dst, mean(u.wall, u.calls)/1000, 10)
	case Calls:
		return strconv.AppendUint(dst, u.calls, 10)
	case Errors:
		if u.errors == 0 {
			return dst
		}
		return strconv.AppendUint(dst, u.errors, 10)
	case Name:
		return append(dst, u.name...)
	}
	return appendSeconds(dst, u.hist.quantile(int(c-Percentile)))
}

// appendSeconds appends ns as seconds, rounded to microseconds.
func appendSeconds(dst []byte, ns int64) []byte {
	return strconv.AppendFloat(dst, float64(ns)/1e9, 'f', 6, 64)
}

// A histogram counts durations in buckets that are at most 1/32 of their value
// wide: a power of two, cut into 32.
type histogram struct {
	counts [(64 - fineBits) << fineBits]uint32
	n      uint64
}

const fineBits = 5

// bucket is where a duration of v ns is counted.
func bucket(v uint64) int {
	top := bits.Len64(v)
	if top <= fineBits+1 {
		return int(v)
	}
	shift := top - fineBits - 1
	return shift<<fineBits + int(v>>shift)
}

// bucketTop is the greatest duration that bucket i counts.
func bucketTop(i int) int64 {
	if i < 2<<fineBits {
		return int64(i)
	}
	shift := i>>fineBits - 1
	fine := uint64(i - shift<<fineBits)
	return int64(min((fine+1)<<shift-1, math.MaxInt64))
}

func (h *histogram) add(d int64) {
	if i := bucket(uint64(max(d, 0))); h.counts[i] < math.MaxUint32 {
		h.counts[i]++
	}
	h.n++
}

func (h *histogram) merge(o *histogram) {
	for i, c := range o.counts {
		h.counts[i] += min(c, math.MaxUint32-h.counts[i])
	}
	h.n += o.n
}

// quantile returns the duration that permille of 1000 calls do not exceed.
func (h *histogram) quantile(permille int) int64 {
	if h == nil || h.n == 0 {
		return 0
	}
	rank := (h.n*uint64(permille) + 999) / 1000
	seen := uint64(0)
	for i, c := range h.counts {
		if seen += uint64(c); seen >= max(rank, 1) {
			return bucketTop(i)
		}
	}
	return math.MaxInt64
}
