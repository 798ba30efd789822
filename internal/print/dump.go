package print

import "strconv"

// AppendDump appends bytes as -e read= and -e write= show them: lines of 16, with
// the offset, the bytes in hexadecimal and those that are ASCII as characters.
func AppendDump(dst, p []byte) []byte {
	for at := 0; at < len(p); at += dumpWidth {
		dst = append(dst, " | "...)
		for limit := 1 << 16; limit > at && limit > 1; limit >>= 4 {
			dst = append(dst, '0')
		}
		if at > 0 {
			dst = strconv.AppendUint(dst, uint64(at), 16)
		} else {
			dst = append(dst, '0')
		}
		dst = append(dst, ' ')
		line := p[at:min(at+dumpWidth, len(p))]
		for i := range dumpWidth {
			if i%(dumpWidth/2) == 0 {
				dst = append(dst, ' ')
			}
			if i < len(line) {
				dst = append(dst, hexDigits[line[i]>>4], hexDigits[line[i]&15], ' ')
			} else {
				dst = append(dst, "   "...)
			}
		}
		dst = append(dst, ' ')
		for i := range dumpWidth {
			switch {
			case i >= len(line):
				dst = append(dst, ' ')
			case printable(line[i]):
				dst = append(dst, line[i])
			default:
				dst = append(dst, '.')
			}
		}
		dst = append(dst, " |\n"...)
	}
	return dst
}

const dumpWidth = 16

// AppendBuffer appends the line above the dump of buffer i of several, of n bytes.
func AppendBuffer(dst []byte, i int, n uint64) []byte {
	dst = strconv.AppendUint(append(dst, " * "...), n, 10)
	dst = strconv.AppendInt(append(dst, " bytes in buffer "...), int64(i), 10)
	return append(dst, '\n')
}

// AppendVector appends the line above the dumps of message i of several, which
// has n buffers.
func AppendVector(dst []byte, i int, n uint64) []byte {
	dst = strconv.AppendUint(append(dst, " = "...), n, 10)
	dst = strconv.AppendInt(append(dst, " buffers in vector "...), int64(i), 10)
	return append(dst, '\n')
}
