package syscalls

const (
	capVersion2  = 0x20071026 // include/uapi/linux/capability.h
	capVersion3  = 0x20080522
	capDataBytes = 12 // struct __user_cap_data_struct: three sets of 32
)

// capdata adds the capability sets of capget(2) and capset(2). arg[0] is the
// header's address. Versions 2 and 3 have 64 capabilities in two structures, others 32.
func (d *Decoder) capdata(v value, arg []uint64) {
	n := 1
	header, ok := d.peekWidth(d.pointer(arg[0]), 8, false, false)
	version := header & 0xffffffff
	if !ok {
		d.address(v.raw)
		return
	}
	if version == capVersion2 || version == capVersion3 {
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

// capSet adds a set of capabilities, which stands in two words that -X shows
// apart: 1<<CAP_CHOWN|1<<CAP_MAC_OVERRIDE.
func (d *Decoder) capSet(set uint64) {
	if set == 0 {
		d.Add(Node{Kind: Hex, Width: 8})
		return
	}
	t := d.abi.table(tbCap)
	d.Open(Node{Kind: OrList, Flags: Styled, Val: set, Width: 8})
	for first := uint64(0); first < 64; first += 32 {
		if word := set >> first & 0xffffffff; word != 0 {
			d.capWord(t, word, first)
		}
	}
	d.Close()
}

// capWord adds the 32 capabilities from first on.
func (d *Decoder) capWord(t *Table, word, first uint64) {
	var rest uint64
	for i := range uint64(32) {
		if word&(1<<i) != 0 && t.Lookup(first+i) == "" {
			rest |= 1 << i
		}
	}
	if rest == word {
		d.Add(Node{Kind: Flags, Table: d.abi.table(tbNoCap), Val: word, Width: 4})
		return
	}
	d.Open(Node{Kind: OrList, Val: word, Width: 4})
	for i := range uint64(32) {
		if (word&^rest)&(1<<i) != 0 {
			d.Open(Node{Kind: Shift})
			d.enumOf(t, first+i, 4)
			d.Close()
		}
	}
	if rest != 0 {
		d.Add(Node{Kind: Hex, Val: rest, Width: 4})
	}
	d.Close()
}
