package syscalls

const (
	capVersion2  = 0x20071026 // include/uapi/linux/capability.h
	capVersion3  = 0x20080522
	capDataBytes = 12 // struct __user_cap_data_struct: three sets of 32
)

// capdata adds the capability sets of capget(2) and capset(2). arg[0] is the
// version: 2 and 3 have 64 capabilities in two structures, others 32.
func (d *Decoder) capdata(v value, arg []uint64) {
	n := 1
	if arg[0] == capVersion2 || arg[0] == capVersion3 {
		n = 2
	}
	off := len(d.mem)
	if v.raw == 0 || !d.ev.Verbose || !d.load(v.raw, n*capDataBytes) {
		d.address(v.raw)
		return
	}
	d.Open(Node{Kind: Ptr, Val: v.raw, Width: uint8(d.abi.Word)})
	d.Open(Node{Kind: Struct})
	for i, name := range [...]string{"effective", "permitted", "inheritable"} {
		var set uint64
		for j := range n {
			set |= number(d.mem[off+j*capDataBytes+4*i:], 4, false, false) << (32 * j)
		}
		d.name = name
		d.capSet(set)
	}
	d.Close()
	d.Close()
	d.mem = d.mem[:off]
}

// capSet adds a set of capabilities: 1<<CAP_CHOWN|1<<CAP_KILL.
func (d *Decoder) capSet(set uint64) {
	if set == 0 {
		d.Add(Node{Kind: Hex, Width: 8})
		return
	}
	t := d.abi.table(tbCap)
	d.Open(Node{Kind: OrList, Val: set, Width: 8})
	var rest uint64
	for i := range uint64(64) {
		if set&(1<<i) == 0 {
			continue
		}
		if t.Lookup(i) == "" {
			rest |= 1 << i
			continue
		}
		d.Open(Node{Kind: Shift})
		d.enumOf(t, i, 4)
		d.Close()
	}
	if rest != 0 {
		d.Add(Node{Kind: Hex, Val: rest, Width: 8})
	}
	d.Close()
}
