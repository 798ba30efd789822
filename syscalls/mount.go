package syscalls

import "math"

// mountFlags adds the flags of mount(2), which old programs mark with a magic
// number in the upper half. Nothing is said of what stands above that.
func (d *Decoder) mountFlags(v value, _ []uint64) {
	const mask, magic = 0xffff0000, 0xc0ed0000 // MS_MGC_MSK, MS_MGC_VAL
	t := d.abi.table(tbMount)
	if v.raw&mask != magic {
		d.flagsOf(t, v.raw, v.width)
		return
	}
	raw := uint64(uint32(v.raw))
	if raw == magic {
		d.enumOf(d.abi.table(tbMountMagic), magic, v.width)
		return
	}
	d.Open(Node{Kind: OrList, Flags: Styled, Val: raw, Width: v.width})
	d.enumOf(d.abi.table(tbMountMagic), magic, v.width)
	d.flagsOf(t, raw&^magic, v.width)
	d.Close()
}

// fsconfigBinary adds a value of arg[0] bytes for fsconfig(2), which takes at
// most 1 MiB.
func (d *Decoder) fsconfigBinary(v value, arg []uint64) {
	const most = 1 << 20 // fs/fsopen.c
	if n := int32(arg[0]); n < 0 || n > most {
		d.address(v.raw)
		return
	}
	d.bytesAt(v.raw, int64(int32(arg[0])), ForceHex)
}

// usernsFd adds a descriptor that stands in 64 bits, and is one only when
// arg[0], the attributes to change, has the mapping.
func (d *Decoder) usernsFd(v value, arg []uint64) {
	const idmap = 0x100000 // MOUNT_ATTR_IDMAP
	if v.raw > math.MaxInt32 || arg[0]&idmap == 0 {
		d.Add(Node{Kind: Uint, Val: v.raw, Width: 8})
		return
	}
	n := Node{Kind: FD, Val: v.raw, Width: 4}
	d.named(&n)
	d.Add(n)
}

// mntIDReq adds the struct mnt_id_req of statmount(2), or of listmount(2) if
// arg[0] is 1.
func (d *Decoder) mntIDReq(v value, arg []uint64) {
	const least = 24 // MNT_ID_REQ_SIZE_VER0
	name := nmMntIDReqStat
	if arg[0] == 1 {
		name = nmMntIDReqList
	}
	d.sizedRequest(v, name, least)
}

// nsIDReq adds the struct ns_id_req of listns(2).
func (d *Decoder) nsIDReq(v value, _ []uint64) {
	const least = 32 // NS_ID_REQ_SIZE_VER0
	d.sizedRequest(v, nmNsIDReq, least)
}

// sizedRequest adds a structure whose first field is its size, at least so many
// bytes. Of another nothing but the size is shown.
func (d *Decoder) sizedRequest(v value, name nameID, least uint64) {
	size, ok := d.peekWidth(v.raw, 4, false, false)
	if !ok || !d.ev.Verbose {
		d.address(v.raw)
		return
	}
	nodes := len(*d.list())
	saved := d.name
	if size >= least {
		d.Open(Node{Kind: Ptr, Val: v.raw, Width: uint8(d.abi.Word)})
		whole := d.memory(d.abi.typ(name), v.raw, clampInt(int64(size)))
		d.Close()
		if whole {
			return
		}
		*d.list() = (*d.list())[:nodes]
		d.name = saved
	}
	d.Open(Node{Kind: Ptr, Val: v.raw, Width: uint8(d.abi.Word)})
	d.Open(Node{Kind: Struct})
	d.name = "size"
	d.Add(Node{Kind: Uint, Val: size, Width: 4})
	if size >= least {
		d.lit("???")
	}
	d.Close()
	d.Close()
}

const statmountHead = 512 // offset of the strings in struct statmount

// statmountBuf adds the struct statmount in a buffer of arg[0] bytes.
func (d *Decoder) statmountBuf(v value, arg []uint64) {
	const least = 4 // its size
	if arg[0] < least {
		d.address(v.raw)
		return
	}
	d.paddedStruct(nmStatmount, v.raw, clampInt(int64(arg[0])))
}

// statmountRest returns how many bytes a struct statmount has at the offset v
// among its strings, which end where the structure does: it has arg[0] bytes in
// a buffer of arg[1].
func statmountRest(v value, arg []uint64) uint64 {
	if at := statmountHead + v.raw; arg[0] <= arg[1] && at < arg[0] {
		return arg[0] - at
	}
	return 0
}

// statmountText adds a string of struct statmount, given by its offset.
func (d *Decoder) statmountText(v value, arg []uint64) {
	n := statmountRest(v, arg)
	if n == 0 {
		d.Add(Node{Kind: Hex, Val: v.raw, Width: 4})
		return
	}
	d.stringAt(d.cur.addr+statmountHead+v.raw, int(min(n, pathMax))-1, IsPath)
}

// statmountList adds the arg[2] strings of a list in struct statmount, which
// stand one behind the other.
func (d *Decoder) statmountList(v value, arg []uint64) {
	n := statmountRest(v, arg)
	if n == 0 {
		d.Add(Node{Kind: Hex, Val: v.raw, Width: 4})
		return
	}
	at := d.cur.addr + statmountHead + v.raw
	if !d.Open(Node{Kind: Array}) {
		return
	}
	for i := uint64(0); i < arg[2] && d.work < maxNodes; i++ {
		if d.ev.Abbrev && i >= uint64(d.limit()) {
			d.more()
			break
		}
		if n == 0 {
			d.lit("???")
			break
		}
		off, have, found, ok := d.readString(at, int(min(n, pathMax))-1)
		if !ok || !found {
			d.lit("???")
			break
		}
		d.Add(Node{Kind: Str, Off: off, Len: have, Flags: IsPath})
		at += uint64(have) + 1
		n -= uint64(have) + 1
	}
	d.Close()
}

// kexecFlags adds the flags of kexec_load(2), whose upper half is an
// architecture: KEXEC_ARCH_DEFAULT|KEXEC_ON_CRASH.
func (d *Decoder) kexecFlags(v value, _ []uint64) {
	const archMask = 0xffff0000 // KEXEC_ARCH_MASK, include/uapi/linux/kexec.h
	arch, rest := v.raw&archMask, v.raw&^archMask
	t := d.abi.table(tbKexecArch)
	if rest == 0 {
		d.enumOf(t, arch, uint8(d.abi.Word))
		return
	}
	d.Open(Node{Kind: OrList, Flags: Styled, Val: v.raw, Width: uint8(d.abi.Word)})
	d.enumOf(t, arch, 4)
	d.flagsOf(d.abi.table(tbKexec), rest, uint8(d.abi.Word))
	d.Close()
}

// loglevel adds a level of the kernel's log: 7 /* LOGLEVEL_DEBUG */. The console
// may be set one above the last, to show all.
func (d *Decoder) loglevel(v value, _ []uint64) {
	const all = 8
	if v.raw == all {
		d.Add(Node{Kind: Int, Val: v.raw, Width: 4})
		d.Open(Node{Kind: Comment, Flags: Attach})
		d.lit("LOGLEVEL_DEBUG+1")
		d.Close()
		return
	}
	d.Add(Node{Kind: Enum, Table: d.abi.table(tbLoglevel), Val: extend(v.raw, 4, true), Width: 4, Flags: Numbered | InWords})
}
