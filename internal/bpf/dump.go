package bpf

import (
	"fmt"
	"strings"

	"golang.org/x/net/bpf"
)

// Dump writes a program as text, one instruction a line: its index, the
// instruction with the indexes that its jumps lead to, and what it loads or
// returns. arch names AUDIT_ARCH values; it may be nil.
func Dump(prog []bpf.RawInstruction, arch func(audit uint32) string) string {
	var b strings.Builder
	loaded := uint32(offNr)
	for i, raw := range prog {
		fmt.Fprintf(&b, "%4d: ", i)
		text, note := describe(i, raw, &loaded, arch)
		if note == "" {
			fmt.Fprintf(&b, "%s\n", text)
			continue
		}
		fmt.Fprintf(&b, "%-32s ; %s\n", text, note)
	}
	return b.String()
}

func describe(i int, raw bpf.RawInstruction, loaded *uint32, arch func(uint32) string) (text, note string) {
	switch in := raw.Disassemble().(type) {
	case bpf.LoadAbsolute:
		*loaded = in.Off
		return fmt.Sprintf("ld [%d]", in.Off), fieldName(in.Off)
	case bpf.RetConstant:
		return "ret " + Action(in.Val).String(), ""
	case bpf.Jump:
		return fmt.Sprintf("ja %d", i+1+int(in.Skip)), ""
	case bpf.JumpIf:
		// The package calls jeq with the ways exchanged jne, which is no instruction.
		text = fmt.Sprintf("%s %#x, %d, %d", jumpName(raw.Op), raw.K, i+1+int(raw.Jt), i+1+int(raw.Jf))
		if *loaded == offArch && arch != nil {
			note = arch(raw.K)
		}
		return text, note
	case fmt.Stringer:
		return in.String(), ""
	}
	return fmt.Sprintf(".word %#x, %d, %d, %#x", raw.Op, raw.Jt, raw.Jf, raw.K), ""
}

// jumpName names the comparison of a BPF_JMP|BPF_K instruction
// (include/uapi/linux/bpf_common.h).
func jumpName(op uint16) string {
	switch op & 0xf0 {
	case 0x10:
		return "jeq"
	case 0x20:
		return "jgt"
	case 0x30:
		return "jge"
	case 0x40:
		return "jset"
	}
	return fmt.Sprintf("jump(%#x)", op)
}

func fieldName(off uint32) string {
	switch {
	case off == offNr:
		return "nr"
	case off == offArch:
		return "arch"
	case off == 8:
		return "ip, low"
	case off == 12:
		return "ip, high"
	case off >= offArgs && off < 64 && off%8 == 0:
		return fmt.Sprintf("args[%d], low", (off-offArgs)/8)
	case off >= offArgs && off < 64 && off%8 == 4:
		return fmt.Sprintf("args[%d], high", (off-offArgs)/8)
	}
	return ""
}
