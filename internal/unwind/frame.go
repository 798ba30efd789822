package unwind

import "strconv"

// Kind says what a line of a stack trace is about.
type Kind uint8

const (
	// Code is an address in a mapping with a name.
	Code Kind = iota
	// Lost is an address in no named executable mapping: the trace ends there.
	Lost
	// Truncated stands for the frames beyond the limit.
	Truncated
)

// Frame is one line of a stack trace, innermost first.
type Frame struct {
	Kind   Kind
	PC     uint64 // the address execution is at, or returns to
	Module string // the mapping's name in /proc/PID/maps
	Offset uint64 // of PC in the mapped file
	Symbol string // the function, demangled; empty if not known
	// SymbolOffset is the distance of PC from the function's start, in bytes.
	SymbolOffset uint64
	File         string // source file, when asked for and known
	Line         int
}

// Form is the way strace writes a frame whose function is not known: it
// differs by when the trace was taken.
type Form uint8

const (
	// AtEntry is for the trace of a call, which strace takes when the call is
	// entered and prints under its result. An unknown function is "(+0x0)".
	AtEntry Form = iota
	// AtOnce is for traces taken when they are printed: under a signal, and
	// under a call whose entry was not seen, as of the first execve of a
	// program strace starts. An unknown function is "()".
	AtOnce
)

// AppendFrame appends f as strace writes it, without an end of line:
//
//	" > /lib/x86_64-linux-gnu/libc.so.6(__read+0x1d) [0x20b1d]"
//	" > /usr/bin/prog(main+0x1d) [0x111d] /src/prog.c:12"
//	" > /usr/bin/prog(+0x0) [0x111d]"
//	" > unexpected_backtracing_error [0x1000]"
//	" > too many stack frames"
//
// The number in brackets is the offset in the file.
func AppendFrame(dst []byte, f Frame, form Form) []byte {
	dst = append(dst, " > "...)
	switch f.Kind {
	case Lost:
		return appendBracketed(append(dst, "unexpected_backtracing_error"...), f.PC)
	case Truncated:
		return append(dst, "too many stack frames"...)
	}
	dst = append(append(dst, f.Module...), '(')
	if f.Symbol != "" || form == AtEntry {
		dst = append(append(dst, f.Symbol...), "+0x"...)
		dst = strconv.AppendUint(dst, f.SymbolOffset, 16)
	}
	dst = appendBracketed(append(dst, ')'), f.Offset)
	if f.File != "" {
		dst = append(append(dst, ' '), f.File...)
		dst = append(dst, ':')
		dst = strconv.AppendInt(dst, int64(f.Line), 10)
	}
	return dst
}

func appendBracketed(dst []byte, v uint64) []byte {
	dst = append(dst, " [0x"...)
	return append(strconv.AppendUint(dst, v, 16), ']')
}

// AppendStack appends a trace, a line a frame, each with its end of line.
func AppendStack(dst []byte, frames []Frame, form Form) []byte {
	for _, f := range frames {
		dst = append(AppendFrame(dst, f, form), '\n')
	}
	return dst
}
