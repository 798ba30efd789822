package syscalls

import "math"

// rlim adds one limit of a struct rlimit: RLIM_INFINITY, a multiple of 1024, or
// the number. rlim64 is the same for struct rlimit64.
func (d *Decoder) rlim(v value, _ []uint64) {
	inf := uint64(math.MaxUint64)
	if v.width == 4 {
		inf = math.MaxUint32
	}
	d.limitOf(v.raw, inf, d.abi.table(tbRlimInfinity))
}

func (d *Decoder) rlim64(v value, _ []uint64) {
	d.limitOf(v.raw, math.MaxUint64, d.abi.table(tbRlim64Infinity))
}

func (d *Decoder) limitOf(v, inf uint64, t *Table) {
	switch {
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
	d.Add(Node{Kind: ClockTicks, Val: v.raw, Width: v.width})
}

// clockid adds a clock: a name, or for a CPU-time clock of another process or a
// device what its bits say (include/linux/posix-timers.h).
func (d *Decoder) clockid(v value, _ []uint64) {
	const (
		perThread = 4
		whichMask = 3
		fdClock   = 3
	)
	id := int32(v.raw)
	if id >= 0 {
		d.enumOf(d.abi.table(tbClockid), extend(v.raw, 4, true), 4)
		return
	}
	if id&(whichMask|perThread) == fdClock {
		d.Open(Node{Kind: Func, Name: "FD_TO_CLOCKID"})
		n := Node{Kind: FD, Val: uint64(^(id >> 3)), Width: 4}
		d.named(&n)
		d.Add(n)
		d.Close()
		return
	}
	name := "MAKE_PROCESS_CPUCLOCK"
	if id&perThread != 0 {
		name = "MAKE_THREAD_CPUCLOCK"
	}
	arg := d.name
	d.name = ""
	d.Open(Node{Kind: Func, Name: name})
	d.Add(Node{Kind: Int, Val: uint64(int64(^(id >> 3))), Width: 4})
	d.enumOf(d.abi.table(tbCpuclock), uint64(id&whichMask), 4)
	d.Close()
	_ = arg
}
