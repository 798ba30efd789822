package syscalls

// Classic BPF, as filters of seccomp(2) and sockets have it. Source:
// include/uapi/linux/{bpf_common,filter,seccomp}.h.

// Parts of an instruction's code.
const (
	bpfClass = 0x07
	bpfSize  = 0x18
	bpfMode  = 0xe0
	bpfSrc   = 0x08
	bpfOp    = 0xf0
	bpfRval  = 0x18
	bpfMisc  = 0xf8
	bpfHigh  = 0xff00 // no instruction has these bits

	bpfLDX = 1
	bpfSTX = 3
	bpfALU = 4
	bpfJMP = 5
	bpfRET = 6

	seccompAction = 0xffff0000 // SECCOMP_RET_ACTION_FULL
)

// seccompInsn adds an instruction of a seccomp filter, filterInsn one of another
// filter: BPF_STMT(code, k) or BPF_JUMP(code, k, jt, jf). v.raw is a struct
// sock_filter, as its eight bytes are in memory.
func (d *Decoder) seccompInsn(v value, _ []uint64) { d.insn(v.raw, true) }

func (d *Decoder) filterInsn(v value, _ []uint64) { d.insn(v.raw, false) }

func (d *Decoder) insn(raw uint64, seccomp bool) {
	code, jt, jf, k := raw&0xffff, raw>>16&0xff, raw>>24&0xff, raw>>32
	jump := jt != 0 || jf != 0
	name := "BPF_STMT"
	if jump {
		name = "BPF_JUMP"
	}
	d.OpenFunc(name)
	d.insnCode(code)
	if seccomp && !jump && code&bpfClass == bpfRET {
		d.seccompResult(k)
	} else {
		d.Add(Node{Kind: Hex, Val: k, Width: 4})
	}
	if jump {
		d.Add(Node{Kind: Hex, Val: jt, Width: 1})
		d.Add(Node{Kind: Hex, Val: jf, Width: 1})
	}
	d.CloseFunc()
}

// insnCode adds a code by its parts: BPF_LD|BPF_W|BPF_ABS.
func (d *Decoder) insnCode(code uint64) {
	part := func(t tableID, v uint64) { d.enumOf(d.abi.table(t), v, 2) }
	rest := code & bpfHigh
	d.Open(Node{Kind: OrList, Flags: Styled, Val: code, Width: 2})
	part(tbBpfClass, code&bpfClass)
	switch class := code & bpfClass; {
	case class <= bpfLDX:
		part(tbBpfSize, code&bpfSize)
		part(tbBpfMode, code&bpfMode)
		rest = 0
	case class <= bpfSTX:
		rest |= code & bpfMisc
	case class == bpfALU:
		rest = 0
		part(tbBpfSrc, code&bpfSrc)
		part(tbBpfAlu, code&bpfOp)
	case class == bpfJMP:
		rest = 0
		part(tbBpfSrc, code&bpfSrc)
		part(tbBpfJmp, code&bpfOp)
	case class == bpfRET:
		part(tbBpfRval, code&bpfRval)
		rest |= code & (bpfMisc &^ bpfRval)
	default:
		part(tbBpfMisc, code&bpfMisc)
	}
	d.unknownCode(rest)
	d.Close()
}

// unknownCode adds the bits of a code that mean nothing, if any.
func (d *Decoder) unknownCode(rest uint64) {
	if rest != 0 {
		d.Add(Node{Kind: Hex, Val: rest, Width: 2})
		d.Open(Node{Kind: Comment})
		d.lit("BPF_???")
		d.Close()
	}
}

// seccompResult adds what a filter returns: SECCOMP_RET_ERRNO|0x1.
func (d *Decoder) seccompResult(k uint64) {
	t := d.abi.table(tbSeccompRet)
	if k&^seccompAction == 0 {
		d.enumOf(t, k, 4)
		return
	}
	d.Open(Node{Kind: OrList, Flags: Styled, Val: k, Width: 4})
	d.enumOf(t, k&seccompAction, 4)
	d.Add(Node{Kind: Hex, Val: k &^ seccompAction, Width: 4})
	d.Close()
}
