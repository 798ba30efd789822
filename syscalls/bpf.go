package syscalls

import "bytes"

// kernelVersion adds the version that a BPF program says it is for:
// KERNEL_VERSION(5, 15, 3) (include/uapi/linux/version.h).
func (d *Decoder) kernelVersion(v value, _ []uint64) {
	d.Open(Node{Kind: Group})
	d.Open(Node{Kind: Func, Name: "KERNEL_VERSION", Flags: Styled | HexVal, Val: v.raw, Width: 4})
	d.Add(Node{Kind: Uint, Val: v.raw >> 16, Width: 4})
	d.Add(Node{Kind: Uint, Val: v.raw >> 8 & 0xff, Width: 4})
	d.Add(Node{Kind: Uint, Val: v.raw & 0xff, Width: 4})
	d.CloseFunc()
}

// numaNode adds a NUMA node, or the number that says that there is none.
func (d *Decoder) numaNode(v value, _ []uint64) {
	if t := d.abi.table(tbNumaNone); t.Lookup(v.raw) != "" {
		d.Add(Node{Kind: Enum, Table: t, Val: v.raw, Width: 8, Flags: Numbered})
		return
	}
	d.Add(Node{Kind: Uint, Val: v.raw, Width: 4})
}

// bpfInsns adds the arg[0] instructions at v.raw, or without -v where they are.
func (d *Decoder) bpfInsns(v value, arg []uint64) {
	if d.ev.Abbrev || v.raw == 0 {
		d.address(v.raw)
		return
	}
	d.listAt(nmBpfInsn, v.raw, arg[0])
}

// listAt adds the n elements of type name at addr, or the address if the first cannot be read.
func (d *Decoder) listAt(name nameID, addr, n uint64) {
	nodes, label := len(*d.list()), d.name
	d.Open(Node{Kind: Array})
	if n != 0 && !d.elements(d.abi.typ(name), addr, n) {
		d.Close()
		*d.list() = (*d.list())[:nodes]
		d.name = label
		d.address(addr)
		return
	}
	d.Close()
}

// ebpfCode adds the code of an instruction by its parts: BPF_ALU64|BPF_K|BPF_MOV.
func (d *Decoder) ebpfCode(v value, _ []uint64) {
	part := func(t tableID, mask uint64) { d.enumOf(d.abi.table(t), v.raw&mask, 2) }
	d.Open(Node{Kind: OrList, Flags: Styled, Val: v.raw, Width: 2})
	part(tbEbpfClass, bpfClass)
	switch class := v.raw & bpfClass; {
	case class <= bpfSTX:
		part(tbEbpfSize, bpfSize)
		part(tbEbpfMode, bpfMode)
	case class == bpfALU || class == ebpfALU64:
		part(tbEbpfSrc, bpfSrc)
		part(tbEbpfAlu, bpfOp)
	case class == bpfJMP:
		part(tbEbpfSrc, bpfSrc)
		part(tbEbpfJmp, bpfOp)
	default:
		d.unknownCode(v.raw &^ bpfClass)
	}
	d.Close()
}

const ebpfALU64 = 7 // BPF_ALU64

// ebpfRegs adds the two registers of an instruction.
func (d *Decoder) ebpfRegs(v value, _ []uint64) {
	d.name = "dst_reg"
	d.enumOf(d.abi.table(tbEbpfReg), v.raw&0xf, 1)
	d.name = "src_reg"
	d.enumOf(d.abi.table(tbEbpfReg), v.raw>>4&0xf, 1)
}

// bpfAttrs are the structures that union bpf_attr has for the commands.
var bpfAttrs = [...]nameID{
	nmBpfMapCreate, nmBpfMapLookup, nmBpfMapUpdate, nmBpfMapDelete, nmBpfMapNext, nmBpfProgLoad, nmBpfObj, nmBpfObj,
	nmBpfProgAttach, nmBpfProgAttach, nmBpfNTest, nmBpfNextID, nmBpfNextID, nmBpfProgByID, nmBpfMapByID, nmBpfNInfo, nmBpfNQuery,
	nmBpfNRaw, nmBpfBtfLoad, nmBpfBtfByID, nmBpfNTask, nmBpfMapLookup, nmBpfFreeze, nmBpfNextID, nmBpfNBatch, nmBpfNBatch,
	nmBpfNBatchUpdate, nmBpfNBatchDelete, nmBpfNLink, nmBpfNUpdate, nmBpfLinkByID, nmBpfNextID, nmBpfNStats, nmBpfNIter,
	nmBpfNDetach, nmBpfNBind, nmBpfNToken, nmBpfNStream, nmBpfNAssoc,
}

// bpfAttr adds the union bpf_attr of command arg[0], of which the caller says that
// it has arg[1] bytes.
func (d *Decoder) bpfAttr(v value, arg []uint64) {
	const most = 4096 // the kernel takes no more than a page
	cmd, size := arg[0], arg[1]
	if cmd >= uint64(len(bpfAttrs)) || size == 0 || size > most || v.raw == 0 || !d.readable(v.raw, int(size)) {
		d.address(v.raw)
		return
	}
	d.paddedStruct(bpfAttrs[cmd], v.raw, int(size))
}

// bpfLen adds a length that the kernel changes, as it was and as it is.
func (d *Decoder) bpfLen(v value, _ []uint64) {
	before := d.asEntry(v.raw)
	d.Add(Node{Kind: Uint, Val: before, Width: 4})
	d.split(JointNone, "")
	if before != v.raw {
		d.Add(Node{Kind: Uint, Val: v.raw, Width: 4, Flags: Arrow})
	}
}

// savedInfo is the slot of Event.saved for where the arena has what bpf_info_len kept, plus 1.
const savedInfo = 6

// bpfInfoLen is bpfLen for the length of what stands at arg[0]: information about an object, in which
// the caller says what buffers it has. At entry that is kept for bpfWas.
func (d *Decoder) bpfInfoLen(v value, arg []uint64) {
	if !d.exit && d.bpfInfoShown(arg[0], v.raw) {
		off := len(d.mem)
		if d.load(arg[0], int(v.raw)) {
			var info [bpfProgInfoSize]byte
			copy(info[:], d.mem[off:])
			at, _ := d.ev.Keep(info[:])
			d.ev.saved[savedInfo] = uint64(at) + 1
		}
		d.mem = d.mem[:off]
	}
	d.bpfLen(v, nil)
}

const bpfProgInfoSize = 232 // sizeof(struct bpf_prog_info), the longer of the two

// bpfInfoShown reports whether the n bytes of information at addr may be shown: the kernel takes no more than a page.
func (d *Decoder) bpfInfoShown(addr, n uint64) bool {
	return d.ev.Verbose && !d.ev.Abbrev && addr != 0 && n > 0 && n <= moreMost
}

// bpfObjectInfo adds the arg[1] bytes of information about the object that descriptor arg[0] is,
// a map or a program (struct bpf_map_info, struct bpf_prog_info), or for others where it is.
func (d *Decoder) bpfObjectInfo(v value, arg []uint64) {
	if !d.bpfInfoShown(v.raw, arg[1]) || !d.readable(v.raw, int(arg[1])) {
		d.address(v.raw)
		return
	}
	off := len(d.ev.arena)
	d.ev.arena = d.t.AppendFD(d.ev.arena, int32(arg[0]))
	link, _, _ := bytes.Cut(d.ev.arena[off:], []byte{0})
	d.ev.arena = d.ev.arena[:off]
	switch string(link) {
	case "anon_inode:bpf-map":
		d.paddedStruct(nmBpfMapInfo, v.raw, int(arg[1]))
	case "anon_inode:bpf-prog":
		d.paddedStruct(nmBpfProgInfo, v.raw, int(arg[1]))
	default:
		d.address(v.raw)
	}
}

// bpfAtEntry returns what the number of 32 bits at offset off of the information was at entry, or now if that is not known.
func (d *Decoder) bpfAtEntry(off uint64, now uint64) uint64 {
	if at := d.ev.saved[savedInfo]; at != 0 && off+4 <= bpfProgInfoSize {
		return number(d.ev.arena[at-1+off:], 4, false, false)
	}
	return now
}

// bpfWas adds a number in the information, as it was and as it is: how much room there was for what it counts,
// and how much there is of it.
func (d *Decoder) bpfWas(v value, _ []uint64) {
	before := d.bpfAtEntry(v.addr-d.cur.addr, v.raw)
	d.Add(Node{Kind: Uint, Val: before, Width: 4})
	if before != v.raw {
		d.Add(Node{Kind: Uint, Val: v.raw, Width: 4, Flags: Arrow})
	}
}

// Offsets in struct bpf_prog_info.
const (
	bpfXlatedLen = 20 // xlated_prog_len
	bpfNrMapIDs  = 52 // nr_map_ids
)

// bpfJited adds the arg[0] bytes of machine code at v.raw.
func (d *Decoder) bpfJited(v value, arg []uint64) {
	d.bytesAt(v.raw, int64(arg[0]), ForceHex)
}

// bpfXlated adds the instructions at v.raw, of which the kernel has arg[0] bytes: as many as there was room for.
func (d *Decoder) bpfXlated(v value, arg []uint64) {
	const size = 8 // sizeof(struct bpf_insn)
	d.bpfKernelList(nmBpfInsn, v.raw, min(d.bpfAtEntry(bpfXlatedLen, arg[0]), arg[0])/size)
}

// bpfMaps adds the ids of the maps that a program uses at v.raw, of which there are arg[0]: as many as there was room for.
func (d *Decoder) bpfMaps(v value, arg []uint64) {
	d.bpfKernelList(nmBpfID, v.raw, min(d.bpfAtEntry(bpfNrMapIDs, arg[0]), arg[0]))
}

// bpfKernelList is listAt for n elements that the kernel has written if the call succeeded.
func (d *Decoder) bpfKernelList(name nameID, addr, n uint64) {
	if addr == 0 || n != 0 && !d.succeeded() {
		d.address(addr)
		return
	}
	d.listAt(name, addr, n)
}

// bootDate adds the date that v.raw nanoseconds after the start of the machine are, where that start is known.
func (d *Decoder) bootDate(v value, _ []uint64) {
	t, ok := d.t.(BootTimer)
	if !ok {
		return
	}
	boot := uint64(t.BootTime())
	sec := boot/1e9 + v.raw/1e9 + (boot%1e9+v.raw%1e9)/1e9 // of which the sum in nanoseconds need not fit in 64 bits
	d.Add(Node{Kind: Date, Val: sec, Flags: Attach | Styled})
}

// bpfCount adds the number of elements of a batch, bpfCounted the structure with what
// has become of it, if it is another.
func (d *Decoder) bpfCount(v value, _ []uint64) {
	d.Add(Node{Kind: Uint, Val: d.asEntry(v.raw), Width: 4})
}

func (d *Decoder) bpfCounted(v value, arg []uint64) {
	const count = 32
	var p [4]byte
	n := max(min(int(arg[0])-count, len(p)), 0)
	if d.t.ReadMemory(d.pointer(v.raw+count), p[:n]) == n && number(p[:], 4, false, false) != d.saved() {
		d.paddedStruct(nmBpfCounted, v.raw, int(arg[0]))
	}
}

// readable reports whether the n bytes at addr can be read.
func (d *Decoder) readable(addr uint64, n int) bool {
	off := len(d.mem)
	ok := d.load(addr, n)
	d.mem = d.mem[:off]
	return ok
}

// bpfName adds a name in an attribute, of which there are arg[0] bytes.
func (d *Decoder) bpfName(v value, arg []uint64) {
	const room = 16 // BPF_OBJ_NAME_LEN
	n := int(min(arg[0], room))
	p := d.mem[v.off : v.off+n]
	for i, c := range p {
		if c == 0 {
			d.bytesOf(p[:i], 0)
			return
		}
	}
	d.bytesOf(p[:n-1], Cut)
}

// bpfExtra adds what the caller passed, in arg[1] bytes, behind the arg[0] that an attribute has,
// unless all is zero.
func (d *Decoder) bpfExtra(_ value, arg []uint64) {
	from, off := int(arg[0]), len(d.mem)
	n := int(arg[1]) - from
	if n <= 0 || !d.load(d.cur.addr+uint64(from), n) {
		return
	}
	switch p := d.mem[off:]; {
	case zero(p):
	case d.ev.Abbrev:
		d.more()
	default:
		d.name = "extra_data"
		d.bytesOf(p, ForceHex)
		d.Open(Node{Kind: Comment, Flags: Attach})
		d.Open(Node{Kind: Labelled, Name: "bytes "})
		d.Add(Node{Kind: Uint, Val: uint64(from), Width: 4})
		d.Close()
		d.Open(Node{Kind: Labelled, Name: "..", Flags: Attach})
		d.Add(Node{Kind: Uint, Val: uint64(from + n - 1), Width: 4})
		d.Close()
		d.Close()
	}
	d.mem = d.mem[:off]
}
