package syscalls

// Arguments of io_uring_register(2). Source: include/uapi/linux/io_uring.h.

// registeredRing in an operation says that the descriptor is the index of a ring.
const registeredRing = 1 << 31

// uringRegisterOp adds what to register, with IORING_REGISTER_USE_REGISTERED_RING apart.
func (d *Decoder) uringRegisterOp(v value, _ []uint64) {
	op := uint64(uint32(v.raw))
	if op&registeredRing == 0 {
		d.enumOf(d.abi.table(tbUringRegister), op, 4)
		return
	}
	d.Open(Node{Kind: OrList, Flags: Styled, Val: op, Width: 4})
	d.enumOf(d.abi.table(tbUringRegister), op&^registeredRing, 4)
	d.flagsOf(d.abi.table(tbUringRing), registeredRing, 4)
	d.Close()
}

// restrictionArg adds the operand of a restriction without a name, as a comment.
func (d *Decoder) restrictionArg(v value, _ []uint64) {
	d.Open(Node{Kind: Comment, Flags: Attach})
	d.Open(Node{Kind: Labelled, Name: "op: "})
	d.Add(Node{Kind: Hex, Val: v.raw, Width: 1})
	d.Close()
	d.Close()
}

// uringWorkers adds arg[0] numbers of workers with the names of their kinds.
func (d *Decoder) uringWorkers(v value, arg []uint64) {
	_, ok := d.peekWidth(v.raw, 4, false, false)
	if v.raw == 0 || arg[0] != 0 && (!ok || !d.ev.Verbose) {
		d.address(v.raw)
		return
	}
	d.Open(Node{Kind: Ptr, Val: v.raw, Width: uint8(d.abi.Word)})
	d.Open(Node{Kind: Array})
	for i := uint64(0); i < arg[0] && d.work < maxNodes; i++ {
		if d.beyondLimit(i, v.raw+4*i, 4) {
			break
		}
		n, ok := d.peekWidth(v.raw+4*i, 4, false, false)
		if !ok {
			d.Add(Node{Kind: Unread, Val: v.raw + 4*i, Width: uint8(d.abi.Word)})
			break
		}
		d.Open(Node{Kind: Index})
		d.Add(Node{Kind: Enum, Table: d.abi.table(tbUringWq), Val: i, Width: 4})
		d.Add(Node{Kind: Uint, Val: n, Width: 4})
		d.Close()
	}
	d.Close()
	d.Close()
}

// uringProbe adds the struct io_uring_probe at v.raw, with room for arg[0] operations:
// as the caller has filled it, if it has, and as the kernel has.
func (d *Decoder) uringProbe(v value, arg []uint64) {
	const head, each, most = 16, 8, 256 // an operation's number is a byte
	off, n := len(d.mem), arg[0]
	if v.raw == 0 || n > most || !d.ev.Verbose || !d.load(v.raw, int(head+each*n)) {
		d.address(v.raw)
		return
	}
	blank := zero(d.mem[off:])
	d.mem = d.mem[:off]
	asked := uint64(truth(!d.exit))
	if replay := d.ev.Split && !d.spliced; !d.exit && blank || replay {
		d.split(JointComma, "")
	} else if d.ev.Split { // it is shown already
		return
	}
	if d.exit && !d.succeeded() {
		d.address(v.raw)
		return
	}
	d.load(v.raw, head)
	t, saved := &types[d.abi.typ(nmIoUringProbe)], d.cur
	d.cur = frame{off: off, size: head, addr: v.raw, have: -1, param: [4]uint64{n, asked}}
	if d.Open(Node{Kind: Ptr, Val: v.raw, Width: uint8(d.abi.Word)}) {
		d.fields(t, &structs[t.a])
		d.Close()
	}
	d.cur, d.mem = saved, d.mem[:off]
}

// uringQuery adds the struct io_uring_query_hdr at v.raw, which is number arg[0] of a chain, and with
// it those behind it: as many as -s allows, where that shortens lists, and as can be nested.
func (d *Decoder) uringQuery(v value, arg []uint64) {
	const room = 8 // containers in one header, and some
	t := &types[d.abi.typ(nmIoUringQueryHdr)]
	off, size := len(d.mem), int(t.size)
	if v.raw == 0 || !d.ev.Verbose || !d.load(v.raw, size) {
		d.address(v.raw)
		return
	}
	if d.ev.Abbrev && arg[0] >= uint64(d.limit()) || d.nopen+room > len(d.open) {
		d.mem = d.mem[:off]
		d.address(v.raw)
		d.Open(Node{Kind: Comment, Flags: Attach})
		d.more()
		d.Close()
		return
	}
	saved := d.cur
	d.cur = frame{off: off, size: size, addr: v.raw, have: -1, param: [4]uint64{arg[0]}}
	if d.Open(Node{Kind: Ptr, Val: v.raw, Width: uint8(d.abi.Word)}) {
		d.fields(t, &structs[t.a])
		d.Close()
	}
	d.cur, d.mem = saved, d.mem[:off]
}
