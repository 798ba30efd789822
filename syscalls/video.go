package syscalls

import "strconv"

// Parts of the structures of video devices that have a notation of their own:
// include/uapi/linux/videodev2.h.

// v4l2Fourcc adds a format of pictures, v4l2SdrFourcc one of software defined radio, v4l2MetaFourcc one of metadata.
func (d *Decoder) v4l2Fourcc(v value, _ []uint64)     { d.fourcc(v.raw, tbV4l2Pix) }
func (d *Decoder) v4l2SdrFourcc(v value, _ []uint64)  { d.fourcc(v.raw, tbV4l2Sdr) }
func (d *Decoder) v4l2MetaFourcc(v value, _ []uint64) { d.fourcc(v.raw, tbV4l2Meta) }

// fourcc adds a format by its four characters, and its name, if the table has one.
func (d *Decoder) fourcc(raw uint64, names tableID) {
	d.Open(Node{Kind: Group})
	d.Open(Node{Kind: Func, Name: "v4l2_fourcc", Flags: Styled | Numbered | HexVal, Val: raw, Width: 4})
	for i := range uint64(4) {
		d.Add(Node{Kind: Char, Val: raw >> (8 * i) & 0xff, Width: 1, Flags: HexVal})
	}
	d.Close()
	if t := d.abi.table(names); t.Lookup(raw) != "" && d.Open(Node{Kind: Comment, Flags: Attach | Styled}) {
		d.enumOf(t, raw, 4)
		d.Close()
	}
	d.Close()
}

// v4l2Fract adds a fraction: 1/30.
func (d *Decoder) v4l2Fract(v value, _ []uint64) {
	n, ok := d.peekWidth(v.addr, 8, false, false)
	if !ok {
		d.address(v.addr)
		return
	}
	d.Open(Node{Kind: Group})
	d.Add(Node{Kind: Uint, Val: n & (1<<32 - 1), Width: 4})
	d.joined("/")
	d.Add(Node{Kind: Uint, Val: n >> 32, Width: 4, Flags: Attach})
	d.Close()
}

// v4l2Fmt adds the format of a stream of type arg[0] (enum v4l2_buf_type).
func (d *Decoder) v4l2Fmt(v value, arg []uint64) {
	switch arg[0] {
	case 1, 2:
		d.part("fmt.pix", nmV4l2PixFormat, v.addr)
	case 3, 8:
		d.part("fmt.win", nmV4l2Window, v.addr)
	case 4, 5:
		d.part("fmt.vbi", nmV4l2VbiFormat, v.addr)
	case 6, 7:
		d.part("fmt.sliced", nmV4l2SlicedFormat, v.addr)
	case 9, 10:
		d.part("fmt.pix_mp", nmV4l2PixFormatMp, v.addr)
	case 11, 12:
		d.part("fmt.sdr", nmV4l2SdrFormat, v.addr)
	case 13, 14:
		d.part("fmt.meta", nmV4l2MetaFormat, v.addr)
	}
}

// part adds a structure under the name of a member of a union.
func (d *Decoder) part(name string, nm nameID, addr uint64) {
	d.name = name
	if !d.structAt(&types[d.abi.typ(nm)], addr, -1) {
		d.address(addr)
	}
}

// v4l2FormatGot adds the format that the driver chose.
func (d *Decoder) v4l2FormatGot(v value, _ []uint64) {
	if typ, ok := d.peekWidth(v.raw, 4, false, false); ok && d.v4l2Again(v.raw, typ) {
		d.pointed(d.abi.typ(nmV4l2FormatGot), v.raw, -1)
	}
}

// v4l2FmtEnd ends struct v4l2_format, of type arg[0], at entry or at exit.
func (d *Decoder) v4l2FmtEnd(_ value, arg []uint64) {
	if d.v4l2Again(d.cur.addr, arg[0]) {
		d.split(JointNone, "")
	}
}

// v4l2Again reports whether the format of type typ in the struct v4l2_format at addr is said again at exit: overlays are
// if they have clips that can be read.
func (d *Decoder) v4l2Again(addr, typ uint64) bool {
	switch {
	case typ < 1 || typ > 14:
		return false
	case typ != 3 && typ != 8:
		return true
	}
	word := uint64(d.abi.Word)
	clips, ok := d.peekWidth(addr+word+24, uint8(word), false, false)
	n, ok2 := d.peekWidth(addr+2*word+24, 4, false, false)
	if d.ev.Abbrev {
		n = min(n, uint64(d.limit()))
	}
	const most = 1 << 16
	each, off := uint64(types[d.abi.typ(nmV4l2Clip)].size), len(d.mem)
	ok = ok && ok2 && n > 0 && n < most && d.load(clips, int(n*each))
	d.mem = d.mem[:off]
	return ok
}

// v4l2Parm adds the parameters of a stream of type arg[0].
func (d *Decoder) v4l2Parm(v value, arg []uint64) {
	switch arg[0] {
	case 1:
		d.part("parm.capture", nmV4l2Captureparm, v.addr)
	case 2:
		d.part("parm.output", nmV4l2Outputparm, v.addr)
	}
}

func (d *Decoder) v4l2StreamparmGot(v value, _ []uint64) {
	switch typ, _ := d.peekWidth(v.raw, 4, false, false); typ {
	case 1, 2:
		d.pointed(d.abi.typ(nmV4l2StreamparmGot), v.raw, -1)
	}
}

// v4l2Reqbufs adds struct v4l2_requestbuffers, v4l2Queryctrl struct v4l2_queryctrl, of which
// the driver changes the first field.
func (d *Decoder) v4l2Reqbufs(v value, _ []uint64)   { d.asked(v.raw, nmV4l2Requestbuffers, 0, -1) }
func (d *Decoder) v4l2SetCtrl(v value, _ []uint64)   { d.asked(v.raw, nmV4l2Control, 4, -1) }
func (d *Decoder) v4l2Queryctrl(v value, _ []uint64) { d.asked(v.raw, nmV4l2Queryctrl, 0, -1) }

func (d *Decoder) v4l2QueryExtCtrl(v value, _ []uint64) {
	d.asked(v.raw, nmV4l2QueryExtCtrl, 0, -1)
}

// v4l2Created adds which buffers VIDIOC_CREATE_BUFS made, and how many, from the structure at arg[0].
func (d *Decoder) v4l2Created(_ value, arg []uint64) {
	off, size := len(d.mem), int(types[d.abi.typ(nmV4l2CreateBuffers)].size)
	if d.succeeded() && d.ev.Verbose && d.load(arg[0], size) {
		d.mem = d.mem[:off]
		d.structAt(&types[d.abi.typ(nmV4l2Created)], arg[0], -1)
	}
}

// v4l2ExtControlsGot adds the controls of struct v4l2_ext_controls as they are after the call, and if it
// failed, which one was to blame; nothing if not all of the controls can be read.
func (d *Decoder) v4l2ExtControlsGot(v value, _ []uint64) {
	const count = 4 // where it stands
	if n, _ := d.peekWidth(v.raw+count, 4, false, false); n == 0 || !d.ev.Verbose {
		return
	}
	l := d.list()
	nodes, arena := len(*l), len(d.ev.arena)
	d.pointed(d.abi.typ(nmV4l2ExtControlsGot), v.raw, -1)
	for i := range (*l)[nodes:] {
		if n := &(*l)[nodes+i]; n.Kind == Unread || n.Kind == Addr && n.Name != "string" {
			*l, d.ev.arena = (*l)[:nodes], d.ev.arena[:arena]
			return
		}
	}
}

// changed32 adds a number as it was, and as it is now; changedI32 one with a sign.
func (d *Decoder) changed32(v value, _ []uint64) { d.changed(Node{Kind: Uint, Val: v.raw}) }

func (d *Decoder) changedI32(v value, _ []uint64) { d.changed(Node{Kind: Int, Val: v.raw}) }

// changed adds the number n, of 32 bits, as it was and as it is now.
func (d *Decoder) changed(n Node) {
	now := n
	n.Width, n.Val = 4, extend(d.saved(), 4, n.Kind == Int)
	now.Width, now.Val, now.Flags = 4, extend(now.Val, 4, n.Kind == Int), Arrow
	d.Add(n)
	d.split(JointNone, "")
	if d.succeeded() && now.Val != n.Val {
		d.Add(now)
	}
}

// v4l2Cid adds a control: by its name, or as a number of its class.
func (d *Decoder) v4l2Cid(v value, _ []uint64) {
	t := d.abi.table(tbV4l2Cid)
	class := d.abi.table(tbV4l2Class).Lookup(v.raw &^ 0xffff)
	if class == "" || t.Lookup(v.raw) != "" {
		d.enumOf(t, v.raw, 4)
		return
	}
	a := len(d.ev.arena)
	d.ev.arena = append(append(d.ev.arena, class...), "+0"...)
	if n := v.raw & 0xffff; n != 0 {
		d.ev.arena = strconv.AppendUint(append(d.ev.arena, 'x'), n, 16)
	}
	d.Add(Node{Kind: Symbol, Val: v.raw, Width: 4, Flags: HexVal, Off: uint32(a), Len: uint32(len(d.ev.arena) - a)})
}

// v4l2CtrlID adds the control that was asked about, and the one that was found.
func (d *Decoder) v4l2CtrlID(v value, _ []uint64) {
	const next = kV4L2_CTRL_FLAG_NEXT_CTRL | kV4L2_CTRL_FLAG_NEXT_COMPOUND
	before := d.saved() & (1<<32 - 1)
	if before&next == 0 {
		d.v4l2Cid(value{raw: before}, nil)
	} else {
		d.Open(Node{Kind: OrList, Flags: Styled | Numbered, Val: before, Width: 4})
		d.flagsOf(d.abi.table(tbV4l2CtrlNext), before&next, 4)
		d.v4l2Cid(value{raw: before &^ next}, nil)
		d.Close()
	}
	d.split(JointNone, "")
	if d.succeeded() && before != v.raw {
		d.flags = Arrow
		d.v4l2Cid(v, nil)
	}
}

// v4l2Where adds where a buffer of memory arg[0] (enum v4l2_memory) is.
func (d *Decoder) v4l2Where(v value, arg []uint64) {
	switch arg[0] {
	case 1:
		d.Named("m.offset", Hex, v.raw&(1<<32-1))
	case 2:
		d.Named("m.userptr", Hex, v.raw)
	}
}

// v4l2BufFlags adds the flags of a buffer: a set, what its time stamp is, and of when.
func (d *Decoder) v4l2BufFlags(v value, _ []uint64) {
	const masks = kV4L2_BUF_FLAG_TIMESTAMP_MASK | kV4L2_BUF_FLAG_TSTAMP_SRC_MASK
	d.Open(Node{Kind: OrList, Flags: Styled | Numbered, Val: v.raw, Width: 4})
	if set := v.raw &^ masks; set != 0 {
		d.flagsOf(d.abi.table(tbV4l2BufFlags), set, 4)
	}
	d.enumOf(d.abi.table(tbV4l2BufTs), v.raw&kV4L2_BUF_FLAG_TIMESTAMP_MASK, 4)
	d.enumOf(d.abi.table(tbV4l2BufSrc), v.raw&kV4L2_BUF_FLAG_TSTAMP_SRC_MASK, 4)
	d.Close()
}

// v4l2Interval adds an interval between frames, of type arg[0] (enum v4l2_frmivaltypes).
func (d *Decoder) v4l2Interval(v value, arg []uint64) {
	switch arg[0] {
	case 1:
		d.name = "discrete"
		d.v4l2Fract(v, nil)
	case 2, 3:
		d.part("stepwise", nmV4l2Intervals, v.addr)
	}
}
