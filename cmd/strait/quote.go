package main

import (
	"fmt"
	"strings"
)

// quoteC writes a string as a C literal, with hexadecimal escapes where -x
// asks for them and octal ones elsewhere.
func quoteC(s string, style hexStyle) string {
	const names = "\t\n\v\f\r\"\\"
	plain := func(c byte) bool { return c >= ' ' && c <= '~' }
	unprintable := strings.ContainsFunc(s, func(r rune) bool {
		return r > '~' || r < ' ' && !strings.ContainsRune(names, r)
	})
	everything := style == hexAll || style == hexNonASCII && unprintable
	out := []byte{'"'}
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch at := strings.IndexByte(names, c); {
		case everything, style == hexNonASCIIChars && at < 0 && !plain(c):
			out = fmt.Appendf(out, "\\x%02x", c)
		case at >= 0:
			out = append(out, '\\', "tnvfr\"\\"[at])
		case plain(c):
			out = append(out, c)
		case i+1 < len(s) && s[i+1] >= '0' && s[i+1] <= '7':
			out = fmt.Appendf(out, "\\%03o", c)
		default:
			out = fmt.Appendf(out, "\\%o", c)
		}
	}
	return string(append(out, '"'))
}
