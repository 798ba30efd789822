package syscalls

import "strconv"

// The keyboard and the speaker of a console: ioctl_console(2),
// include/uapi/linux/kd.h and keyboard.h.

// kdTone adds a period of the speaker in ticks of the PIT (PIT_TICK_RATE), and the
// frequency.
func (d *Decoder) kdTone(v value, _ []uint64) {
	d.Add(Node{Kind: Uint, Val: v.raw, Width: uint8(d.abi.Word)})
	if d.Open(Node{Kind: Comment, Flags: Attach | Styled}) {
		d.hertz(v.raw, "Hz")
		d.Close()
	}
}

// hertz adds the frequency of a period, followed by unit, or that there is no sound.
func (d *Decoder) hertz(period uint64, unit string) {
	const pitTickRate = 1193182
	if period == 0 || period > pitTickRate {
		d.lit("off")
		return
	}
	d.Add(Node{Kind: Uint, Val: pitTickRate / period})
	d.lit(unit)
}

// kdBeep adds the same with how many ms it lasts in the upper 16 bits.
func (d *Decoder) kdBeep(v value, _ []uint64) {
	ms, period := v.raw>>16&0xffff, v.raw&0xffff
	d.Open(Node{Kind: OrList, Flags: Styled, Val: v.raw, Width: 4})
	if ms != 0 {
		d.Open(Node{Kind: Group})
		d.Add(Node{Kind: Uint, Val: ms, Width: 4})
		d.Add(Node{Kind: ShiftBy, Val: 16, Flags: Attach})
		d.Close()
	}
	d.Add(Node{Kind: Uint, Val: period, Width: 4})
	if d.Open(Node{Kind: Comment, Flags: Attach | Styled}) {
		if ms == 0 {
			period = 0
		}
		if d.hertz(period, "Hz,"); period != 0 {
			d.Add(Node{Kind: Uint, Val: ms})
			d.lit("ms")
		}
		d.Close()
	}
	d.Close()
}

// kdLeds adds the lights of a keyboard, and the defaults that stand 4 bits higher.
func (d *Decoder) kdLeds(v value, _ []uint64) {
	t, raw := d.abi.table(tbKdLed), v.raw&0xff
	const leds, shift = 7, 4
	rest := raw &^ (leds | leds<<shift)
	if rest == raw {
		d.flagsOf(t, raw, 1)
		return
	}
	d.Open(Node{Kind: OrList, Val: raw, Width: 1})
	if raw&leds != 0 {
		d.flagsOf(t, raw&leds, 1)
	}
	for i := range uint64(3) {
		if raw>>shift>>i&1 != 0 {
			d.Open(Node{Kind: Group})
			d.flagsOf(t, 1<<i, 1)
			d.Add(Node{Kind: ShiftBy, Val: shift, Flags: Attach})
			d.Close()
		}
	}
	if rest != 0 {
		d.Add(Node{Kind: Hex, Val: rest, Width: 1})
	}
	d.Close()
}

// kdTable adds the number of a keymap, which is a set of the keys that are held.
func (d *Decoder) kdTable(raw uint64) {
	if t := d.abi.table(tbKdTable); t.Lookup(raw) != "" {
		d.enumOf(t, raw, 1)
		return
	}
	d.Open(Node{Kind: OrList, Val: raw, Width: 1})
	for i := range uint64(8) {
		if raw>>i&1 != 0 {
			d.Open(Node{Kind: Shift})
			d.enumOf(d.abi.table(tbKdShift), i, 1)
			d.Close()
		}
	}
	d.Close()
}

// kdKeysym adds, as a comment, the name of what a key does, or its type and value.
func (d *Decoder) kdKeysym(raw uint64) {
	if !d.Open(Node{Kind: Comment, Flags: Attach | Styled}) {
		return
	}
	typ, val := raw>>8&0xff, raw&0xff
	if t := d.abi.table(tbKdKeysym); typ != 0 && t.Lookup(raw) != "" {
		d.enumOf(t, raw, 2)
	} else {
		d.OpenFunc("K")
		if t := d.abi.table(tbKdKeytype); t.Lookup(typ) != "" {
			d.enumOf(t, typ, 1)
		} else {
			d.Add(Node{Kind: Hex, Val: typ, Width: 1})
		}
		kind := Hex
		switch typ {
		case kKT_LATIN, kKT_META, kKT_LETTER, kKT_DEAD2:
			kind = Char
		}
		d.Add(Node{Kind: kind, Val: val, Width: 1})
		d.CloseFunc()
	}
	d.Close()
}

// kdFunc adds the number of a function key.
func (d *Decoder) kdFunc(v value, _ []uint64) {
	d.Open(Node{Kind: OrList, Val: v.raw, Width: 1})
	d.OpenFunc("KVAL")
	d.enumOf(d.abi.table(tbKdKeysym), kKT_FN<<8|v.raw, 2)
	d.CloseFunc()
	d.Close()
}

// kbentry adds struct kbentry of KDGKBENT: the place of a key as it was asked for, and
// what the kernel says about it. Unlike other structures this one is shown without
// -e verbose=, too.
func (d *Decoder) kbentry(v value, _ []uint64) {
	now, ok := d.peekWidth(v.raw, 4, false, false)
	if v.raw == 0 || !ok {
		d.address(v.raw)
		return
	}
	d.kbentryFields(v.raw, now, true)
}

// kbentrySet adds that of KDSKBENT.
func (d *Decoder) kbentrySet(v value, _ []uint64) {
	now, ok := d.peekWidth(v.raw, 4, false, false)
	if v.raw == 0 || !ok {
		d.address(v.raw)
		return
	}
	d.kbentryFields(v.raw, now, false)
}

// kbentryFields adds the fields of struct kbentry, which are bytes 0, 1 and 2 of raw.
// The kernel fills in the last one of them, if get.
func (d *Decoder) kbentryFields(addr, raw uint64, get bool) {
	d.Open(Node{Kind: Ptr, Val: addr, Width: uint8(d.abi.Word)})
	d.Open(Node{Kind: Struct})
	d.name = "kb_table"
	d.kdTable(raw & 0xff)
	d.Add(Node{Kind: Uint, Name: "kb_index", Val: raw >> 8 & 0xff, Width: 1})
	if get {
		d.split(JointNone, "")
	}
	if !get || d.succeeded() {
		d.Add(Node{Kind: Hex, Name: "kb_value", Val: raw >> 16, Width: 2})
		d.kdKeysym(raw >> 16)
	}
	d.Close()
	d.Close()
}

// kbsentry adds struct kbsentry of KDGKBSENT: the key that was asked for, and its string.
func (d *Decoder) kbsentry(v value, _ []uint64) {
	key, ok := d.peekWidth(v.raw, 1, false, false)
	if v.raw == 0 || !d.ev.Verbose || !ok {
		d.address(v.raw)
		return
	}
	d.Open(Node{Kind: Ptr, Val: v.raw, Width: uint8(d.abi.Word)})
	d.Open(Node{Kind: Struct})
	d.name = "kb_func"
	d.kdFunc(value{raw: key}, nil)
	d.split(JointNone, "")
	if d.succeeded() {
		d.name = "kb_string"
		d.stringAt(v.raw+1, min(d.limit(), maxString), 0)
	}
	d.Close()
	d.Close()
}

// kdUnicode adds a character of a screen map, which may stand for a place in the font.
func (d *Decoder) kdUnicode(v value, _ []uint64) {
	if v.raw&^kUNI_DIRECT_MASK != kUNI_DIRECT_BASE {
		d.Add(Node{Kind: Hex, Val: v.raw, Width: 2})
		return
	}
	a := len(d.ev.arena)
	d.ev.arena = append(d.ev.arena, "UNI_DIRECT_BASE+0"...)
	if n := v.raw & kUNI_DIRECT_MASK; n != 0 {
		d.ev.arena = strconv.AppendUint(append(d.ev.arena, 'x'), n, 16)
	}
	d.Add(Node{Kind: Symbol, Val: v.raw, Width: 2, Flags: HexVal, Off: uint32(a), Len: uint32(len(d.ev.arena) - a)})
}

// strHere adds a string that stands where the field is.
func (d *Decoder) strHere(v value, _ []uint64) {
	d.stringAt(v.addr, min(d.limit(), maxString), 0)
}

// kbkeycode adds struct kbkeycode of KDGETKEYCODE: the code as it was, and as the
// kernel filled it in, where that is another.
func (d *Decoder) kbkeycode(v value, _ []uint64) {
	now, ok := d.peekWidth(v.raw, 8, false, false)
	if v.raw == 0 || !d.ev.Verbose || !ok {
		d.address(v.raw)
		return
	}
	before := d.asEntry(now)
	d.Open(Node{Kind: Ptr, Val: v.raw, Width: uint8(d.abi.Word)})
	d.Open(Node{Kind: Struct})
	d.Add(Node{Kind: Hex, Name: "scancode", Val: before, Width: 4})
	d.Add(Node{Kind: Hex, Name: "keycode", Val: before >> 32, Width: 4})
	d.split(JointNone, "")
	if d.succeeded() && now>>32 != before>>32 {
		d.Add(Node{Kind: Hex, Val: now >> 32, Width: 4, Flags: Arrow})
	}
	d.Close()
	d.Close()
}

// kdPort adds a port, and which one of those of graphics adapters it is: 0x3b5 /* GPFIRST + 1 */.
func (d *Decoder) kdPort(v value, _ []uint64) {
	const first, last = 0x3b4, 0x3df // GPFIRST and GPLAST of include/uapi/linux/kd.h
	d.Add(Node{Kind: Hex, Val: v.raw, Width: uint8(d.abi.Word)})
	if v.raw < first || v.raw > last || !d.Open(Node{Kind: Comment, Flags: Attach | Styled}) {
		return
	}
	d.lit("GPFIRST +")
	d.Add(Node{Kind: Uint, Val: v.raw - first, Width: 2})
	d.Close()
}

// unimapdesc adds struct unimapdesc of GIO_UNIMAP: how many entries there was room
// for, how many there are, and those.
func (d *Decoder) unimapdesc(v value, _ []uint64) {
	off, word := len(d.mem), d.abi.Word
	if v.raw == 0 || !d.ev.Verbose || !d.load(v.raw, 2*word) {
		d.address(v.raw)
		return
	}
	now, entries := number(d.mem[off:], 2, false, false), number(d.mem[off+word:], uint8(word), false, false)
	d.mem = d.mem[:off]
	before := d.asEntry(now)
	d.Open(Node{Kind: Ptr, Val: v.raw, Width: uint8(word)})
	d.Open(Node{Kind: Struct})
	d.Add(Node{Kind: Uint, Name: "entry_ct", Val: before, Width: 2})
	d.split(JointNone, "")
	if d.exit && now != before { // the kernel says how many there are when there is no room, too
		d.Add(Node{Kind: Uint, Val: now, Width: 2, Flags: Arrow})
	}
	if d.name = "entries"; entries == 0 || !d.succeeded() {
		d.address(entries)
	} else {
		t := &types[d.abi.typ(nmUnipair)]
		d.structs(t, entries, before, uint64(t.size))
	}
	d.Close()
	d.Close()
}

// kdFont adds what KDFONTOP wrote to struct console_font_op, if it does that.
func (d *Decoder) kdFont(v value, _ []uint64) {
	if op, ok := d.peekWidth(v.raw, 4, false, false); ok && op != kKD_FONT_OP_SET && op != kKD_FONT_OP_COPY {
		d.pointed(d.abi.typ(nmConsoleFontOut), v.raw, -1)
	}
}

// longSigno adds the number of a signal that is an unsigned long: without a sign, whatever its width.
func (d *Decoder) longSigno(v value, _ []uint64) {
	if d.abi.Word == 4 {
		v.raw = uint64(uint32(v.raw))
	}
	d.Add(Node{Kind: Sig, Val: v.raw, Width: 8})
}
