package print

import (
	"math/bits"
	"strconv"
	"time"

	"strait/syscalls"
)

// A Prefix is what stands before each line.
type Prefix struct {
	PID       PIDStyle
	Clock     ClockStyle // -t
	ClockPrec int        // digits of its fraction
	Delta     bool       // -r
	DeltaPrec int
	Number    bool // -n
	IP        bool // -i
	// Comm, if not nil, returns the name of ev's task, to stand behind its process
	// id: 123<sh>. The bytes are good until the next call.
	Comm func(ev *syscalls.Event) []byte

	last int64 // of the line before, for Delta
	some bool
}

// PIDStyle says how the process id stands before a line.
type PIDStyle uint8

// The styles of process ids.
const (
	PIDNone    PIDStyle = iota
	PIDBracket          // "[pid   123] "
	PIDColumn           // "123   "
)

// ClockStyle says how the time of day is written.
type ClockStyle uint8

// The styles of clocks.
const (
	ClockNone ClockStyle = iota
	ClockDay             // HH:MM:SS
	ClockUnix            // seconds since the epoch
)

func (p *Prefix) append(dst []byte, ev *syscalls.Event, mono, wall int64, t *Text) []byte {
	switch p.PID {
	case PIDBracket:
		dst = append(t.punct(dst, "["), "pid "...)
		dst = append(t.punct(p.comm(appendRight(dst, int64(ev.TID), 5), ev, t), "]"), ' ')
	case PIDColumn:
		n := len(dst)
		dst = p.comm(strconv.AppendInt(dst, int64(ev.TID), 10), ev, t)
		for t.columns(dst[n:]) < 5 {
			dst = append(dst, ' ')
		}
		dst = append(dst, ' ')
	}
	dst = p.times(dst, mono, wall, t.location())
	if p.Number {
		dst = t.number(dst, ev)
	}
	if p.IP {
		dst = t.instruction(dst, ev)
	}
	return dst
}

// comm appends <sh>, if names are wanted and there is one.
func (p *Prefix) comm(dst []byte, ev *syscalls.Event, t *Text) []byte {
	if p.Comm == nil {
		return dst
	}
	if name := p.Comm(ev); len(name) > 0 {
		return t.angled(dst, name)
	}
	return dst
}

func (p *Prefix) times(dst []byte, mono, wall int64, loc *time.Location) []byte {
	switch p.Clock {
	case ClockDay:
		dst = time.Unix(0, wall).In(loc).AppendFormat(dst, "15:04:05")
		dst = append(appendFraction(dst, wall, p.ClockPrec), ' ')
	case ClockUnix:
		dst = strconv.AppendInt(dst, wall/1e9, 10)
		dst = append(appendFraction(dst, wall, p.ClockPrec), ' ')
	}
	if !p.Delta {
		return dst
	}
	d := int64(0)
	if p.some {
		d = max(mono-p.last, 0)
	}
	p.last, p.some = mono, true
	if p.Clock != ClockNone {
		dst = append(dst, "(+"...)
	}
	dst = appendFraction(appendRight(dst, d/1e9, 6), d, p.DeltaPrec)
	if p.Clock != ClockNone {
		dst = append(dst, ')')
	}
	return append(dst, ' ')
}

// number appends the number of a call, or of the last one before another
// event. An event without an ABI comes before any call.
func (t *Text) number(dst []byte, ev *syscalls.Event) []byte {
	if ev.ABI == nil {
		return append(t.punct(append(t.punct(dst, "["), "????"...), "]"), ' ')
	}
	nr := ev.Nr
	if ev.ABI.ID == syscalls.X32 {
		nr |= syscalls.X32Bit
	}
	dst = t.punct(dst, "[")
	switch {
	case nr == ^uint64(0): // no call
		dst = append(dst, "???"...)
	case int64(nr) < 0: // a number of 32 bits, which has a sign to the kernel
		dst = strconv.AppendUint(dst, nr, 10)
	default:
		dst = appendRight(dst, int64(nr), 4)
	}
	return append(t.punct(dst, "]"), ' ')
}

// instruction appends where the program is; after its end nobody knows.
func (t *Text) instruction(dst []byte, ev *syscalls.Event) []byte {
	width, abi := 16, ev.ABI
	if t.begun != nil {
		abi = t.begun
	}
	if abi != nil && abi.Word == 4 {
		width = max(8, (bits.Len64(ev.IP)+3)/4)
	}
	dst = t.punct(dst, "[")
	if ev.IP == 0 {
		for range width {
			dst = append(dst, '?')
		}
		return append(t.punct(dst, "]"), ' ')
	}
	for shift := 4 * (width - 1); shift >= 0; shift -= 4 {
		dst = append(dst, hexDigits[ev.IP>>shift&15])
	}
	return append(t.punct(dst, "]"), ' ')
}

// appendRight appends a number, padded on the left with blanks.
func appendRight(dst []byte, v int64, width int) []byte {
	for limit, n := int64(10), width-1; n > 0; limit, n = limit*10, n-1 {
		if v < limit && v >= 0 {
			dst = append(dst, ' ')
		}
	}
	return strconv.AppendInt(dst, v, 10)
}

// appendFraction appends the fraction of a second in ns, with digits digits; none
// for 0 of them.
func appendFraction(dst []byte, ns int64, digits int) []byte {
	if digits == 0 {
		return dst
	}
	dst = append(dst, '.')
	frac := ns % 1e9
	for div := int64(1e8); digits > 0; digits, div = digits-1, div/10 {
		dst = append(dst, '0'+byte(frac/div%10))
	}
	return dst
}
