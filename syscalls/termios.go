package syscalls

// ccNames are the control characters of a terminal by index, the same on every
// ABI here (include/uapi/asm-generic/termbits.h).
var ccNames = [...]string{
	"[VINTR]=", "[VQUIT]=", "[VERASE]=", "[VKILL]=", "[VEOF]=", "[VTIME]=", "[VMIN]=", "[VSWTC]=", "[VSTART]=", "[VSTOP]=",
	"[VSUSP]=", "[VEOL]=", "[VREPRINT]=", "[VDISCARD]=", "[VWERASE]=", "[VLNEXT]=", "[VEOL2]=", "[17]=", "[18]=",
}

// termCc adds the control characters at v: arg[0] bytes.
func (d *Decoder) termCc(v value, arg []uint64) {
	n := min(int(arg[0]), len(ccNames))
	if v.off < 0 || v.off+n > len(d.mem) {
		d.address(v.addr)
		return
	}
	d.Open(Node{Kind: Array})
	for i, c := range d.mem[v.off : v.off+n] {
		d.Open(Node{Kind: Labelled, Name: ccNames[i]})
		d.Add(Node{Kind: Hex, Val: uint64(c), Width: 1})
		d.Close()
	}
	d.Close()
}

// termIflag, termOflag, termCflag and termLflag add the flag words of a terminal:
// fields of several bits and a set of the rest (termios(3)).
func (d *Decoder) termIflag(v value, _ []uint64) {
	d.Open(Node{Kind: OrList, Flags: Styled, Val: v.raw, Width: v.width})
	d.restOf(tbTermIflag, v)
	d.Close()
}

func (d *Decoder) termLflag(v value, _ []uint64) {
	d.Open(Node{Kind: OrList, Flags: Styled, Val: v.raw, Width: v.width})
	d.restOf(tbTermLflag, v)
	d.Close()
}

func (d *Decoder) termOflag(v value, _ []uint64) {
	d.Open(Node{Kind: OrList, Flags: Styled, Val: v.raw, Width: v.width})
	for _, f := range [...]struct {
		table tableID
		mask  uint64
	}{
		{tbTermNl, kNLDLY},
		{tbTermCr, kCRDLY},
		{tbTermTab, kTABDLY},
		{tbTermBs, kBSDLY},
		{tbTermVt, kVTDLY},
		{tbTermFf, kFFDLY},
	} {
		d.enumOf(d.abi.table(f.table), v.raw&f.mask, v.width)
		v.raw &^= f.mask
	}
	d.restOf(tbTermOflag, v)
	d.Close()
}

func (d *Decoder) termCflag(v value, _ []uint64) {
	d.Open(Node{Kind: OrList, Flags: Styled, Val: v.raw, Width: v.width})
	baud := d.abi.table(tbTermBaud)
	d.enumOf(baud, v.raw&kCBAUD, v.width)
	if in := v.raw & kCIBAUD >> kIBSHIFT; in != 0 {
		d.Open(Node{Kind: Group})
		d.enumOf(baud, in, v.width)
		d.Add(Node{Kind: Lit, Name: "<<", Flags: Attach})
		d.Mark(Attach)
		d.enumOf(d.abi.table(tbTermIbshift), kIBSHIFT, v.width)
		d.Close()
	}
	d.enumOf(d.abi.table(tbTermSize), v.raw&kCSIZE, v.width)
	v.raw &^= kCBAUD | kCIBAUD | kCSIZE
	d.restOf(tbTermCflag, v)
	d.Close()
}

// restOf adds the bits behind the fields of a word.
func (d *Decoder) restOf(t tableID, v value) {
	d.Add(Node{Kind: Flags, Table: d.abi.table(t), Val: v.raw, Width: v.width, Flags: NoneEmpty})
}
