package syscalls

import "math"

// rlim adds one limit of a struct rlimit: RLIM_INFINITY, a multiple of 1024, or
// the number. rlim64 is the same for struct rlimit64, whose numbers x32's rlimit has.
func (d *Decoder) rlim(v value, _ []uint64) {
	inf := uint64(math.MaxUint64)
	if v.width == 4 {
		inf = math.MaxUint32
	}
	t := d.abi.table(tbRlimInfinity)
	if d.abi.ID == X32 {
		t = d.abi.table(tbRlim64Infinity)
	}
	d.limitOf(v.raw, inf, t)
}

func (d *Decoder) rlim64(v value, _ []uint64) {
	d.limitOf(v.raw, math.MaxUint64, d.abi.table(tbRlim64Infinity))
}

func (d *Decoder) limitOf(v, inf uint64, t *Table) {
	switch {
	case v == inf && inf == math.MaxUint32:
		d.symbol(v, "", "RLIM_INFINITY", 0, 0)
	case v == inf:
		d.Add(Node{Kind: Enum, Val: math.MaxUint64, Width: 8, Table: t})
	case v > 1024 && v%1024 == 0:
		d.Add(Node{Kind: Kilo, Val: v, Width: 8})
	default:
		d.Add(Node{Kind: Uint, Val: v, Width: 8})
	}
}

// clockT adds a clock_t of times(2).
func (d *Decoder) clockT(v value, _ []uint64) {
	d.Add(Node{Kind: ClockTicks, Val: extend(v.raw, v.width, true), Width: 8})
}

// clockid adds a clock by its name. Clocks of processes and of devices, which
// are negative, are shown as numbers, as strace shows them.
func (d *Decoder) clockid(v value, _ []uint64) {
	d.enumOf(d.abi.table(tbClockid), extend(v.raw, 4, true), 4)
}
