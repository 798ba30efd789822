package print

import "strings"

// quote appends p as a C string literal. Bytes that need an escape get C's own,
// or the shortest octal one; hex says which strings are written as \xNN.
func (t *Text) quote(dst, p []byte, force bool) []byte {
	dst = append(dst, '"')
	dst = t.escape(dst, p, force, "\"\\")
	return append(dst, '"')
}

// escape appends p with escapes for what cannot be printed and for the
// characters in special.
func (t *Text) escape(dst, p []byte, force bool, special string) []byte {
	if force || t.hexString(p) {
		for _, c := range p {
			dst = append(dst, '\\', 'x', hexDigits[c>>4], hexDigits[c&15])
		}
		return dst
	}
	for i, c := range p {
		next := byte(0)
		if i+1 < len(p) {
			next = p[i+1]
		}
		dst = t.escapeByte(dst, c, next, special)
	}
	return dst
}

// hexString says whether a whole string is written in hexadecimal.
func (t *Text) hexString(p []byte) bool {
	switch t.Hex {
	case HexAll:
		return true
	case HexNonASCII:
		for _, c := range p {
			if !printable(c) && (c < '\t' || c > '\r') {
				return true
			}
		}
	}
	return false
}

func printable(c byte) bool { return c >= ' ' && c <= '~' }

func (t *Text) escapeByte(dst []byte, c, next byte, special string) []byte {
	const names = "tnvfr"
	switch {
	case c >= '\t' && c <= '\r':
		return append(dst, '\\', names[c-'\t'])
	case printable(c) && strings.IndexByte(special, c) < 0:
		return append(dst, c)
	case c == '"' || c == '\\' || c == '\'':
		return append(dst, '\\', c)
	case t.Hex == HexNonASCIIChars:
		return append(dst, '\\', 'x', hexDigits[c>>4], hexDigits[c&15])
	}
	return octal(dst, c, next)
}

// octal appends the shortest octal escape: all three digits only if a digit
// follows that would be taken for one of its own.
func octal(dst []byte, c, next byte) []byte {
	dst = append(dst, '\\')
	digits := [3]byte{'0' + c>>6, '0' + c>>3&7, '0' + c&7}
	from := 0
	if next < '0' || next > '7' {
		for from < 2 && digits[from] == '0' {
			from++
		}
	}
	return append(dst, digits[from:]...)
}
