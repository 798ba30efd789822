package syscalls

// Attributes of Linux security modules. Source: include/uapi/linux/lsm.h.

const lsmCtxBytes = 32 // struct lsm_ctx before its flexible member

// lsmAsked adds the struct lsm_ctx in which the caller of lsm_get_self_attr(2) says
// which module it means, with LSM_FLAG_SINGLE.
func (d *Decoder) lsmAsked(v value, _ []uint64) {
	id, _ := d.peekWidth(v.raw, 8, false, false)
	d.Open(Node{Kind: Struct})
	d.name = "id"
	d.enumOf(d.abi.table(tbLsmCtxID), id, 8)
	d.Close()
}

// lsmCtxs adds the list of struct lsm_ctx that lsm_get_self_attr(2) filled in;
// arg[0] is where its size in bytes stands. Each says how long it is.
func (d *Decoder) lsmCtxs(v value, arg []uint64) {
	size, ok := d.peekWidth(d.pointer(arg[0]), 4, false, false)
	if !ok || !d.succeeded() || size < lsmCtxBytes || v.raw == 0 || !d.ev.Verbose || !d.load(v.raw, lsmCtxBytes) {
		d.address(v.raw)
		return
	}
	d.mem = d.mem[:len(d.mem)-lsmCtxBytes]
	t := &types[d.abi.typ(nmLsmCtx)]
	d.Open(Node{Kind: Array})
	alone := 0
	for addr, i := v.raw, 0; size != 0 && d.work < maxNodes; i++ {
		if size >= lsmCtxBytes && d.beyondLimit(uint64(i), addr, lsmCtxBytes) {
			if i == 0 {
				alone = 1
			}
			break
		}
		n, ok := d.peekWidth(addr+16, 8, false, false)
		if size < lsmCtxBytes || !ok || !d.structAt(t, addr, clampInt(int64(size))) {
			d.Add(Node{Kind: Unread, Val: addr, Width: uint8(d.abi.Word)})
			break
		}
		if n < lsmCtxBytes || n > size {
			break
		}
		addr, size = addr+n, size-n
	}
	d.closeOne(alone)
}

// lsmCtxBytes adds the bytes of a struct lsm_ctx that says that it has arg[0]
// bytes, of which arg[1] are these; there are arg[2] in memory.
func (d *Decoder) lsmCtxBytes(v value, arg []uint64) {
	n := min(arg[0], arg[2])
	if n <= lsmCtxBytes || arg[1] == 0 {
		return
	}
	d.bytesAt(v.addr, int64(min(n-lsmCtxBytes, arg[1])), ForceHex)
}

// lsmModules adds the list of arg[0] modules of lsm_list_modules(2). Its size stands at arg[1].
func (d *Decoder) lsmModules(v value, arg []uint64) {
	first, ok := d.peekWidth(v.raw, 8, false, false)
	_, sized := d.peekWidth(d.pointer(arg[1]), 4, false, false)
	if !sized || !ok && arg[0] != 0 || v.raw == 0 || !d.ev.Verbose {
		d.address(v.raw)
		return
	}
	d.Open(Node{Kind: Array})
	for i := uint64(0); i < arg[0] && d.work < maxNodes; i++ {
		if d.ev.Abbrev && i >= uint64(d.limit()) {
			d.more()
			break
		}
		d.enumOf(d.abi.table(tbLsmID), first, 8)
		if at := v.raw + 8*(i+1); i+1 < arg[0] {
			if first, ok = d.peekWidth(at, 8, false, false); !ok {
				d.Add(Node{Kind: Unread, Val: at, Width: uint8(d.abi.Word)})
				break
			}
		}
	}
	d.Close()
}

// lsmSize adds the size at v.raw before and after the call: the kernel says there
// how much it needs when it fails, too.
func (d *Decoder) lsmSize(v value, _ []uint64) {
	now, ok := d.peekWidth(v.raw, 4, false, false)
	if !d.exit {
		d.ev.saved[d.ev.next&7] = now
		return
	}
	if !ok || !d.ev.Verbose {
		d.address(v.raw)
		return
	}
	d.Open(Node{Kind: Ptr, Val: v.raw, Width: uint8(d.abi.Word)})
	d.Open(Node{Kind: Array})
	d.Add(Node{Kind: Uint, Val: d.saved(), Width: 4})
	if now != d.saved() && d.ev.Returned {
		d.flags = Arrow
		d.Add(Node{Kind: Uint, Val: now, Width: 4})
	}
	d.Close()
	d.Close()
}
