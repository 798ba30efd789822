package prompt

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxText is how much of a string is shown; the rest is said to be missing.
const maxText = 1024

// safe makes text fit for a terminal: whatever is not to be seen, or could
// change how the rest is seen, is written as an escape of Go. One that holds
// nothing of the kind is left as it is.
func safe(s string) string {
	cut := ""
	if len(s) > maxText {
		cut = "... (" + strconv.Itoa(len(s)-maxText) + " more bytes)"
		s = s[:maxText]
	}
	if plain(s) {
		return s + cut
	}
	q := strconv.QuoteToGraphic(s)
	return q[1:len(q)-1] + cut
}

// plain says whether s can be shown as it is. A blank that is none of ASCII's
// looks like one and is not.
func plain(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return !unicode.IsGraphic(r) || r != ' ' && unicode.IsSpace(r) || unicode.Is(unicode.Mn, r)
	})
}
