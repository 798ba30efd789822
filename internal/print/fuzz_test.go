package print

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"strait/syscalls"
)

// unquote reads a C string literal.
func unquote(s string) (out []byte, ok bool) {
	s, ok = strings.CutPrefix(s, `"`)
	s, ok2 := strings.CutSuffix(s, `"`)
	if !ok || !ok2 {
		return nil, false
	}
	for len(s) > 0 {
		if s[0] != '\\' {
			if s[0] < ' ' || s[0] > '~' || s[0] == '"' {
				return nil, false
			}
			out, s = append(out, s[0]), s[1:]
			continue
		}
		c, rest, ok := unescape(s[1:])
		if !ok {
			return nil, false
		}
		out, s = append(out, c), rest
	}
	return out, true
}

// unescape reads what stands behind a backslash.
func unescape(s string) (c byte, rest string, ok bool) {
	if s == "" {
		return 0, "", false
	}
	if i := strings.IndexByte(`tnvfr"\`, s[0]); i >= 0 {
		return "\t\n\v\f\r\"\\"[i], s[1:], true
	}
	digits, base, from := 0, 8, 0
	if s[0] == 'x' {
		base, from = 16, 1
		digits = 2
	} else {
		for digits < min(3, len(s)) && s[digits] >= '0' && s[digits] <= '7' {
			digits++
		}
	}
	if len(s) < from+digits {
		return 0, "", false
	}
	v, err := strconv.ParseUint(s[from:from+digits], base, 8)
	return byte(v), s[from+digits:], err == nil
}

// Whatever a program has in its memory, what is printed is one line of ASCII from
// which a C compiler would make the same bytes, and JSON keeps them too.
func FuzzStrings(f *testing.F) {
	for _, s := range []string{"", "abc", "\x00", "\x001", "\x1b8", "a\xff\x7f7", "\"\\\n", "é\u2028", "\x07\x08\x0e"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, p []byte) {
		for hex := HexNone; hex <= HexAll; hex++ {
			text := Text{Hex: hex}
			quoted := string(text.quote(nil, p, false))
			if got, ok := unquote(quoted); !ok || !bytes.Equal(got, p) {
				t.Errorf("hex %d: %q is %s, which is %q", hex, p, quoted, got)
			}
		}
		ev := &syscalls.Event{}
		nodes := tree([]syscalls.Node{bytesNode(ev, syscalls.Str, "", string(p), 0)}, nil)
		var v struct {
			Value  *string
			Base64 string `json:"value_base64"`
		}
		line := jsonNode(nil, ev, nodes, 0)
		if err := json.Unmarshal(line, &v); err != nil || bytes.IndexByte(line, '\n') >= 0 {
			t.Fatalf("%s: %v", line, err)
		}
		got, err := base64.StdEncoding.DecodeString(v.Base64)
		if v.Value != nil {
			got = []byte(*v.Value)
		}
		if err != nil || !bytes.Equal(got, p) {
			t.Errorf("%q in JSON is %s", p, line)
		}
	})
}

// A descriptor's name cannot end its angle brackets, nor the line.
func FuzzDescriptorNames(f *testing.F) {
	f.Add([]byte("/a>\n<b"))
	f.Add([]byte("/a (deleted)"))
	f.Fuzz(func(t *testing.T, p []byte) {
		if bytes.IndexByte(p, 0) >= 0 {
			return // no path has one: it is where details begin
		}
		s := string(new(Text).angled(nil, p))
		inner, ok := strings.CutPrefix(strings.TrimSuffix(s, "(deleted)"), "<")
		inner, ok2 := strings.CutSuffix(inner, ">")
		if !ok || !ok2 || strings.ContainsAny(inner, "<>\n") {
			t.Errorf("%q is %s", p, s)
		}
	})
}
