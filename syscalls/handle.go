package syscalls

const (
	handleHead = 8   // struct file_handle: handle_bytes, handle_type
	handleMax  = 128 // include/linux/exportfs.h: MAX_HANDLE_SZ
)

// fileHandleOut adds the handle that name_to_handle_at(2) filled in. A handle
// with too little room only says how much it needs.
func (d *Decoder) fileHandleOut(v value, _ []uint64) {
	const eoverflow = 75
	head, ok := d.peekWidth(v.raw, handleHead, false, false)
	room := uint64(uint32(head))
	if !d.exit {
		d.ev.saved[d.ev.next&7] = room
	}
	if !ok || !d.ev.Verbose {
		d.address(v.raw)
		return
	}
	d.Open(Node{Kind: Ptr, Val: v.raw, Width: uint8(d.abi.Word)})
	d.Open(Node{Kind: Struct})
	d.Named("handle_bytes", Uint, d.saved())
	d.split(JointNone, "")
	if room != d.saved() && (d.succeeded() || d.ev.Errno == eoverflow) {
		d.Add(Node{Kind: Uint, Val: room, Width: 4, Flags: Arrow})
	}
	if d.succeeded() {
		kind, _ := d.peekWidth(v.raw+4, 4, true, false)
		d.Named("handle_type", Int, kind)
		d.name = "f_handle"
		d.handleAt(v.raw+handleHead, room)
	}
	d.Close()
	d.Close()
}

// handleBytes adds the bytes of a handle, arg[0] of them.
func (d *Decoder) handleBytes(v value, arg []uint64) { d.handleAt(v.addr, arg[0]) }

// handleAt adds the n bytes of a handle at addr, whatever the string limit, but
// no more than a handle may have.
func (d *Decoder) handleAt(addr, n uint64) {
	f := ForceHex
	if n > handleMax {
		n, f = handleMax, f|Cut
	}
	off, length, ok := d.readBytes(addr, int(n))
	if !ok {
		d.Add(Node{Kind: Lit, Name: "f_handle=???"})
		return
	}
	d.Add(Node{Kind: Str, Off: off, Len: length, Flags: f})
}

// mountID adds the int at v.raw, where name_to_handle_at(2) puts a mount's
// number, if the handle at arg[0] can be read.
func (d *Decoder) mountID(v value, arg []uint64) {
	id, ok := d.peekWidth(v.raw, 4, true, false)
	if _, head := d.peekWidth(arg[0], handleHead, false, false); v.raw == 0 || !ok || !head || !d.ev.Verbose {
		d.address(v.raw)
		return
	}
	d.Open(Node{Kind: Ptr, Val: v.raw, Width: uint8(d.abi.Word)})
	d.Open(Node{Kind: Array})
	d.Add(Node{Kind: Int, Val: id, Width: 4})
	d.Close()
	d.Close()
}
