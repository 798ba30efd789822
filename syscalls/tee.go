package syscalls

// Buffers of a trusted execution environment. Source: include/uapi/linux/tee.h.

// teeBufs are what a buffer holds, by tee_ioctl_buf_data's parameter in
// ioctl_tee.txt: at entry and, as far as the kernel writes it, at exit. The number
// of parameters ends the part of all of them that has a fixed size.
var teeBufs = [...]struct{ asked, answered nameID }{
	{nmTeeIoctlOpenSessionArg, nmTeeOpened},
	{nmTeeIoctlInvokeArg, nmTeeInvoked},
	{nmTeeIoclSuppRecvArg, nmTeeReceived},
	{nmTeeIoclSuppSendArg, nmTeeSent},
}

// teeBuf adds the buffer at v.raw, of arg[0] bytes, if that is the length of its
// parameters, as the kernel asks for; of the command teeBufs[arg[1]].
func (d *Decoder) teeBuf(v value, arg []uint64) {
	if arg[1] >= uint64(len(teeBufs)) {
		d.address(v.raw)
		return
	}
	buf := &teeBufs[arg[1]]
	asked := d.abi.typ(buf.asked)
	head, param := fixedSize(asked), fixedSize(d.abi.typ(nmTeeIoctlParam))
	n, ok := d.peekWidth(v.raw+head-4, 4, false, false)
	// At exit the kernel may have changed the number of parameters.
	if whole := ok && arg[0] <= kTEE_MAX_ARG_SIZE && arg[0] == head+n*param; !whole && !d.exit {
		d.address(v.raw)
		return
	}
	name := d.name
	d.pointed(asked, v.raw, -1)
	if d.argIsAddress() {
		return
	}
	d.split(JointNone, "")
	if d.exit && d.succeeded() {
		d.name, d.flags = name, Arrow
		d.pointed(d.abi.typ(buf.answered), v.raw, -1)
	}
}

// fixedSize is how many bytes a structure has before the fields whose sizes are
// known only when decoding.
func fixedSize(id typeID) uint64 { return uint64(structs[types[id].a].size) }

// teeAttr adds the type of a parameter, of which 32 bits have names. That it is
// about the message stands behind it by name, whatever -X says.
func (d *Decoder) teeAttr(v value, _ []uint64) {
	const meta = "TEE_IOCTL_PARAM_ATTR_META"
	t, attr := d.abi.table(tbTeeAttr), uint64(uint32(v.raw))
	kind := attr &^ kTEE_IOCTL_PARAM_ATTR_META
	if attr != kind {
		d.Open(Node{Kind: OrList, Flags: Styled, Val: attr, Width: 4})
		defer func() { d.Add(Node{Kind: Lit, Name: meta}); d.Close() }()
	}
	if t.Lookup(kind) != "" {
		d.enumOf(t, kind, 4)
		return
	}
	d.Open(Node{Kind: Group})
	d.Add(Node{Kind: Hex, Val: kind, Width: 4})
	d.Open(Node{Kind: Comment, Flags: Attach | Styled})
	d.lit("TEE_IOCTL_PARAM_ATTR_")
	d.Close()
	d.Close()
}
