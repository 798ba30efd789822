// Package yamlfault says where a file is no YAML, and what to do about it: of the
// policies and cases that people write. The parser tells the line of the list or mapping
// around a fault, or one less, and of a byte that is no text nothing at all.
package yamlfault

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"strait/internal/lazyregexp"

	"go.yaml.in/yaml/v3"
)

// A Fault is what is wrong with a file.
type Fault struct {
	Line, Col int // from 1; Col in characters
	Msg, Hint string
}

// Unreadable finds the first byte that a YAML file cannot have: the parser does
// not say where. It is nil if there is none.
func Unreadable(src []byte) *Fault {
	if bytes.HasPrefix(src, []byte("\xff\xfe")) || bytes.HasPrefix(src, []byte("\xfe\xff")) {
		return nil // UTF-16
	}
	line, begin := 1, 0
	for i := 0; i < len(src); {
		r, size := utf8.DecodeRune(src[i:])
		col := utf8.RuneCount(src[begin:i]) + 1
		switch {
		case r == utf8.RuneError && size == 1:
			return &Fault{line, col, fmt.Sprintf("byte %#02x is no text", src[i]), "the file must be UTF-8"}
		case r < ' ' && r != '\t' && r != '\n' && r != '\r', r == 0x7f:
			return &Fault{line, col, fmt.Sprintf("control character %#02x", r), `write it as an escape, in quotes: "/a\x01b"`}
		}
		if i += size; r == '\n' {
			line, begin = line+1, i
		}
	}
	return nil
}

var yamlLine = lazyregexp.New(`^yaml: line (\d+): `)

// hints say what mostly is behind an error of the parser.
var hints = []struct{ msg, hint string }{
	{"expected ',' or", "[...] and {...} end on what stands in them: a text with a comma, bracket or brace is in quotes there, or on a line of its own"},
	{"expected key", "it does not begin in the column of the line that it belongs to"},
	{"expected '-' indicator", "it does not begin in the column of the line that it belongs to"},
	{"mapping values are not allowed", "a colon with a space behind it makes a key: write the text in quotes"},
	{"could not find expected ':'", "a key has a colon behind it"},
	{"unexpected end of stream", "a quote or bracket is not closed"},
	{"cannot start any token", "write it in quotes"},
	{"unknown anchor", "a text that begins with * is in quotes"},
	{"escape character", `in double quotes a backslash is written \\`},
}

// Of is an error of the YAML parser with its place and what to do about it.
func Of(src []byte, err error) *Fault {
	msg := err.Error()
	f := &Fault{Line: 1, Col: 1, Msg: strings.TrimPrefix(msg, "yaml: ")}
	if m := yamlLine.FindStringSubmatch(msg); m != nil {
		f.Line, _ = strconv.Atoi(m[1])
		f.Msg = msg[len(m[0]):]
	}
	for _, h := range hints {
		if strings.Contains(f.Msg, h.msg) {
			f.Hint = h.hint
			break
		}
	}
	lines := bytes.SplitAfter(src, []byte("\n"))
	if n := brokenLine(lines); n > 0 {
		f.Line = n
	}
	if f.Line > len(lines) {
		return f
	}
	line := string(lines[f.Line-1])
	indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
	f.Col = len(indent) + 1
	if i := strings.IndexByte(indent, '\t'); i >= 0 {
		f.Col = i + 1
		f.Msg, f.Hint = "a tab in the indentation", "YAML is indented by spaces"
	}
	return f
}

// brokenLine is the line behind the longest beginning of a file that can be
// parsed; 0: it would take too long to find.
func brokenLine(lines [][]byte) int {
	const most = 500
	if len(lines) > most {
		return 0
	}
	for n := len(lines) - 1; n >= 0; n-- {
		if isYAML(slices.Concat(lines[:n]...)) {
			return n + 1
		}
	}
	return 0
}

// isYAML says whether all documents of a file can be parsed.
func isYAML(src []byte) bool {
	for d := yaml.NewDecoder(bytes.NewReader(src)); ; {
		var doc yaml.Node
		if err := d.Decode(&doc); err != nil {
			return errors.Is(err, io.EOF)
		}
	}
}
