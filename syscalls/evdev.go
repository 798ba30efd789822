package syscalls

// Sets of what an input device has and reports: EVIOCGBIT and its relatives
// (include/uapi/linux/input.h, drivers/input/evdev.c).

// absinfo adds struct input_absinfo, of which command arg[0] says the size: the last of its numbers is newer than the rest.
func (d *Decoder) absinfo(v value, arg []uint64) {
	const first = 20 // bytes of the numbers that there always were
	have := int(arg[0] >> 16 & 0x3fff)
	if have < first || v.raw == 0 || !d.ev.Verbose {
		d.address(v.raw)
		return
	}
	d.pointed(d.abi.typ(nmInputAbsinfo), v.raw, have)
}

// evdevSet is how the bits of one command are named: below limit, by a table.
type evdevSet struct {
	table tableID
	limit uint64
}

// evdevSetOf returns the names for the command with number nr of EVIOCG*.
func evdevSetOf(nr uint64) (s evdevSet, ok bool) {
	switch nr {
	case 0x09:
		return evdevSet{tbInputProp, 0x1f}, true
	case 0x18, 0x21:
		return evdevSet{tbInputKey, 0x2ff}, true
	case 0x19, 0x31:
		return evdevSet{tbInputLed, 0x0f}, true
	case 0x1a, 0x32:
		return evdevSet{tbInputSnd, 0x07}, true
	case 0x1b, 0x25:
		return evdevSet{tbInputSw, 0x11}, true
	case 0x20:
		return evdevSet{tbEvdevType, 0x1f}, true
	case 0x22:
		return evdevSet{tbInputRel, 0x0f}, true
	case 0x23:
		return evdevSet{tbEvdevAbs, 0x3f}, true
	case 0x24:
		return evdevSet{tbInputMsc, 0x07}, true
	case 0x34:
		return evdevSet{tbInputRep, 0x01}, true
	case 0x35:
		return evdevSet{tbFfType, 0x7f}, true
	case 0x37:
		return evdevSet{tbFfStatus, 0x01}, true
	}
	return s, false
}

// evdevBits adds the set of which the kernel stored arg[1] bytes for command arg[0]: its bits by their names, and the
// words that they stand in.
func (d *Decoder) evdevBits(v value, arg []uint64) {
	s, ok := evdevSetOf(arg[0] & 0xff)
	bits, word := min(s.limit, arg[1]*8), d.abi.Word
	n := (int(bits) + 8*word - 1) / (8 * word) * word
	off := len(d.mem)
	if !ok || v.raw == 0 || n == 0 || !d.ev.Verbose || !d.load(v.raw, n) {
		d.address(v.raw)
		return
	}
	t, shown := d.abi.table(s.table), 0
	d.Open(Node{Kind: BitArray, Flags: Styled})
	for i := range bits {
		if d.mem[off+int(i/8)]>>(i%8)&1 == 0 {
			continue
		}
		if d.ev.Abbrev && shown == 4 {
			d.more()
			break
		}
		d.enumOf(t, i, 4)
		shown++
	}
	d.Open(Node{Kind: Array})
	for at := off; at < off+n; at += word {
		if d.ev.Abbrev && (at-off)/word >= d.limit() {
			d.more()
			break
		}
		d.Add(Node{Kind: Hex, Val: number(d.mem[at:], uint8(word), false, false), Width: uint8(word)})
	}
	d.Close()
	d.Close()
	d.mem = d.mem[:off]
}

// waitword adds a wait status that is a field: [{WIFEXITED(s) && WEXITSTATUS(s) == 0}].
func (d *Decoder) waitword(v value, _ []uint64) {
	d.Open(Node{Kind: Array})
	d.Add(Node{Kind: WaitStatus, Val: v.raw, Width: 4, Table: d.abi.table(tbPtraceEvent)})
	d.Close()
}
