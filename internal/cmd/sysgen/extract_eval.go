package main

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// constant is the value of one name for one ABI.
type constant struct {
	bits   uint64 // sign-extended when signed
	size   int    // of the C type after integer promotion, bytes: 4 or 8
	signed bool
	ioctl  bool   // made by the _IOC macro, and nothing added to it
	alias  string // the name that the macro is defined as, if it is just another name
}

// ioctlMark is what _IOC puts into the upper half of its value while names are
// evaluated. Whatever still carries it afterwards is a command; _IOC_SIZE and
// the like mask it away. The number is arbitrary, but not a likely flag.
const ioctlMark = uint64(0x4d41524b)

// markIoctl replaces the kernel's _IOC (asm-generic/ioctl.h) before the header
// under study is read, so that commands defined by enumerations are marked too.
const markIoctl = "#include <asm/ioctl.h>\n#undef _IOC\n" +
	"#define _IOC(dir,type,nr,size) (0x4d41524b00000000LL|" +
	"(unsigned)(((dir)<<_IOC_DIRSHIFT)|((type)<<_IOC_TYPESHIFT)|" +
	"((nr)<<_IOC_NRSHIFT)|((size)<<_IOC_SIZESHIFT)))\n"

// evaluate compiles the names after the prelude and returns the values of those
// that are integer constants. A prelude that does not compile is an error.
func (c *compiler) evaluate(a abi, prelude string, names []string) (map[string]constant, error) {
	live := make([]bool, len(names))
	for i := range live {
		live[i] = true
	}
	for {
		src := evaluationSource(prelude, names, live)
		out, diag, ok, err := c.run(a, src, "-S", "-emit-llvm", "-O0", "-Xclang", "-disable-llvm-passes", "-o", "-")
		if err != nil {
			return nil, err
		}
		if ok {
			return parseConstants(out, names)
		}
		dropped, err := dropErrors(diag, live)
		if err != nil {
			return nil, err
		}
		if dropped == 0 {
			return nil, fmt.Errorf("evaluate %d names for %s: %s", len(names), a.name, firstError(diag))
		}
	}
}

// evaluationSource has one line per name; dead ones stay as empty lines, so a
// diagnostic's line number is the name's index plus one. "| 0" refuses
// pointers, floating point and structures.
func evaluationSource(prelude string, names []string, live []bool) string {
	var b strings.Builder
	b.WriteString(prelude)
	b.WriteString("\n#line 1 \"names\"\n")
	for i, name := range names {
		if live[i] {
			fmt.Fprintf(&b, "const long long v_%d = (long long)((%s)|0); "+
				"const int t_%d = sizeof((%s)|0) << 1 | ((__typeof__((%s)|0))-1 < 0);", i, name, i, name, name)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// dropErrors takes the names that clang complained about out of live, and
// returns how many. An error outside the names is returned.
func dropErrors(diag string, live []bool) (int, error) {
	dropped := 0
	for line := range strings.Lines(diag) {
		place, _, isError := strings.Cut(line, "error: ")
		if !isError {
			continue
		}
		rest, inNames := strings.CutPrefix(place, "names:")
		if !inNames {
			return 0, fmt.Errorf("compile: %s", strings.TrimSpace(line))
		}
		number, _, _ := strings.Cut(rest, ":")
		n, err := strconv.Atoi(number)
		if err != nil || n < 1 || n > len(live) {
			return 0, fmt.Errorf("compile: %s", strings.TrimSpace(line))
		}
		if live[n-1] {
			live[n-1] = false
			dropped++
		}
	}
	return dropped, nil
}

// parseConstants reads the globals that evaluationSource defined out of LLVM
// assembly.
func parseConstants(ir string, names []string) (map[string]constant, error) {
	global := regexp.MustCompile(`(?m)^@([vt])_(\d+) = .*constant i(?:32|64) (-?\d+),`)
	values := make(map[string]constant, len(names))
	for _, m := range global.FindAllStringSubmatch(ir, -1) {
		index, err := strconv.Atoi(m[2])
		if err != nil {
			return nil, fmt.Errorf("read constant %s: %w", m[2], err)
		}
		value, err := strconv.ParseInt(m[3], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("read constant %s: %w", names[index], err)
		}
		k := values[names[index]]
		if m[1] == "v" {
			k.bits = uint64(value)
		} else {
			k.size, k.signed = int(value>>1), value&1 != 0
		}
		values[names[index]] = k
	}
	for name, k := range values {
		values[name] = k.unmark()
	}
	return values, nil
}

// unmark turns a value that carries the mark of _IOC into the command.
func (k constant) unmark() constant {
	if k.bits>>32 != ioctlMark {
		return k
	}
	return constant{bits: k.bits & 0xffffffff, size: 4, ioctl: true}
}

// String prints small negative numbers in decimal, other numbers below 10 too,
// and everything else as the hexadecimal of its C type.
func (k constant) String() string {
	if v := int64(k.bits); k.signed && v < 0 && v > -0x10000 {
		return strconv.FormatInt(v, 10)
	}
	v := k.bits
	if k.size == 4 {
		v &= 0xffffffff
	}
	if v < 10 {
		return strconv.FormatUint(v, 10)
	}
	return "0x" + strconv.FormatUint(v, 16)
}

// decimal is for numbers that people know in decimal; beyond 16 bits they are
// hexadecimal.
func (k constant) decimal() string {
	if k.bits > 0xffff {
		return k.String()
	}
	return strconv.FormatUint(k.bits, 10)
}

// firstError returns the first of clang's diagnostics that is an error.
func firstError(diag string) string {
	for line := range strings.Lines(diag) {
		if strings.Contains(line, "error: ") {
			return strings.TrimSpace(line)
		}
	}
	return strings.TrimSpace(diag)
}
