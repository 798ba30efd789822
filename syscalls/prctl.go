package syscalls

// Words of prctl(2) that have several fields. Source: include/uapi/linux/prctl.h.

// sveVl adds a vector length below flags: PR_SVE_VL_INHERIT|0x20. smeVl is the
// same for SME.
func (d *Decoder) sveVl(v value, _ []uint64) { d.vectorLength(v, d.abi.table(tbPrSveVl)) }

func (d *Decoder) smeVl(v value, _ []uint64) { d.vectorLength(v, d.abi.table(tbPrSmeVl)) }

func (d *Decoder) vectorLength(v value, t *Table) {
	const lengthMask = 0xffff // PR_SVE_VL_LEN_MASK
	high := v.raw &^ lengthMask
	if high == 0 {
		if !d.ret {
			d.Add(Node{Kind: Hex, Val: v.raw, Width: 8})
		}
		return
	}
	d.Open(Node{Kind: OrList, Val: v.raw, Width: 8})
	d.knownFlags(t, high, 8)
	d.Add(Node{Kind: Hex, Val: v.raw & lengthMask, Width: 8})
	d.Close()
}

// taggedAddr adds the control of tagged addresses:
// PR_TAGGED_ADDR_ENABLE|PR_MTE_TCF_SYNC|0x1<<PR_MTE_TAG_SHIFT.
func (d *Decoder) taggedAddr(v value, _ []uint64) {
	const (
		enable   = 1      // PR_TAGGED_ADDR_ENABLE
		tcfMask  = 6      // PR_MTE_TCF_MASK
		tagShift = 3      // PR_MTE_TAG_SHIFT
		tagMask  = 0xffff // PR_MTE_TAG_MASK, shifted
	)
	word := "!PR_TAGGED_ADDR_ENABLE"
	if v.raw&enable != 0 {
		word = word[1:]
	}
	d.Open(Node{Kind: OrList, Val: v.raw, Width: 8})
	d.lit(word)
	d.enumOf(d.abi.table(tbPrMteTcf), v.raw&tcfMask, 8)
	if tags := v.raw >> tagShift & tagMask; tags != 0 {
		d.Add(Node{Kind: Shifted, Flags: HexVal, Name: "PR_MTE_TAG_SHIFT", Val: tags})
	}
	d.hexRest(v.raw &^ (enable | tcfMask | tagMask<<tagShift))
	d.Close()
}

// riscvV adds the control of vectors: what is in force, what the next execve(2)
// will put in force, and whether that is inherited.
func (d *Decoder) riscvV(v value, _ []uint64) {
	const (
		mask      = 3    // PR_RISCV_V_VSTATE_CTRL_CUR_MASK
		nextShift = 2    // of PR_RISCV_V_VSTATE_CTRL_NEXT_MASK
		inherit   = 0x10 // PR_RISCV_V_VSTATE_CTRL_INHERIT
	)
	t := d.abi.table(tbPrRiscvV)
	word := "!PR_RISCV_V_VSTATE_CTRL_INHERIT"
	if v.raw&inherit != 0 {
		word = word[1:]
	}
	d.Open(Node{Kind: OrList, Val: v.raw, Width: 8})
	d.enumOrHex(t, v.raw&mask)
	d.Open(Node{Kind: Group})
	d.enumOrHex(t, v.raw>>nextShift&mask)
	d.flags = Attach
	d.Add(Node{Kind: ShiftBy, Val: nextShift})
	d.Close()
	d.lit(word)
	d.hexRest(v.raw &^ (mask | mask<<nextShift | inherit))
	d.Close()
}

// enumOrHex adds a value by its name, or as a number without a word about it.
func (d *Decoder) enumOrHex(t *Table, v uint64) {
	if t.Lookup(v) == "" {
		d.Add(Node{Kind: Hex, Val: v, Width: 8})
		return
	}
	d.enumOf(t, v, 8)
}

// hexRest adds the bits that are left over.
func (d *Decoder) hexRest(v uint64) {
	if v != 0 {
		d.Add(Node{Kind: Hex, Val: v, Width: 8})
	}
}
