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
