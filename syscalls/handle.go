package syscalls

const (
	handleHead = 8   // struct file_handle: handle_bytes, handle_type
	handleMax  = 128 // include/linux/exportfs.h: MAX_HANDLE_SZ
)

// fileHandleOut adds the handle that name_to_handle_at(2) filled in. A handle
// with too little room only says how much it needs.
func (d *Decoder) fileHandleOut(v value, _ []uint64) {
	room, ok := d.peekWidth(v.raw, 4, false, false)
	if !d.exit {
		d.ev.saved[d.ev.next] = room
		return
	}
	const eoverflow = 75
	if !ok || !d.ev.Verbose || !d.succeeded() && d.ev.Errno != eoverflow {
		d.handleAtEntry(v, ok)
		return
	}
	before := d.ev.saved[d.ev.next]
	d.Open(Node{Kind: Ptr, Val: v.raw, Width: uint8(d.abi.Word)})
	d.Open(Node{Kind: Struct})
	d.Named("handle_bytes", Uint, before)
	if room != before {
		d.Add(Node{Kind: Uint, Val: room, Width: 4, Flags: Arrow})
	}
	if d.succeeded() {
		kind, _ := d.peekWidth(v.raw+4, 4, true, false)
		d.Named("handle_type", Int, kind)
		d.name = "f_handle"
		d.bytesAt(v.raw+handleHead, int64(min(room, handleMax)), ForceHex)
	}
	d.Close()
	d.Close()
}

// handleAtEntry adds a handle of which only the room for it means anything.
func (d *Decoder) handleAtEntry(v value, ok bool) {
	if !ok || !d.ev.Verbose {
		d.address(v.raw)
		return
	}
	d.Open(Node{Kind: Ptr, Val: v.raw, Width: uint8(d.abi.Word)})
	d.Open(Node{Kind: Struct})
	d.Named("handle_bytes", Uint, d.ev.saved[d.ev.next])
	d.Close()
	d.Close()
}
