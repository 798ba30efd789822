package policy

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"strait/internal/lazyregexp"

	"go.yaml.in/yaml/v3"
)

// document reads the one YAML document that a policy is. Its root is nil where
// there is none.
func document(name string, src []byte) (doc *yaml.Node, errs Errors) {
	if e := unreadable(name, src); e != nil {
		return nil, Errors{e}
	}
	src = bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n"))
	d := yaml.NewDecoder(bytes.NewReader(src))
	doc = &yaml.Node{}
	if err := d.Decode(doc); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, Errors{yamlError(name, src, err)}
	}
	var more yaml.Node
	switch err := d.Decode(&more); {
	case errors.Is(err, io.EOF):
	case err != nil:
		return nil, Errors{yamlError(name, src, err)}
	default:
		errs = append(errs, Pos{name, more.Line, more.Column}.errorf("put it into a file of its own and include that", "a second document in the file (after ---)"))
	}
	return doc, append(errs, fancy(name, doc)...)
}

// fancy looks for what YAML has and policies have not: whoever reads a policy
// shall see every rule where it stands.
func fancy(name string, n *yaml.Node) (errs Errors) {
	at := Pos{name, n.Line, n.Column}
	switch {
	case n.Kind == yaml.AliasNode:
		return Errors{at.errorf("write it out; a profile can extend another, a group name another", "*%s: policies have no aliases", n.Value)}
	case n.Anchor != "":
		errs = append(errs, at.errorf("take it out", "&%s: policies have no anchors", n.Anchor))
	case n.Style&yaml.TaggedStyle != 0:
		errs = append(errs, at.errorf("take it out", "%s: policies have no tags", n.Tag))
	}
	for _, c := range n.Content {
		errs = append(errs, fancy(name, c)...)
	}
	return errs
}

// unreadable finds the first byte that a YAML file cannot have: the parser does
// not say where.
func unreadable(name string, src []byte) *Error {
	if bytes.HasPrefix(src, []byte("\xff\xfe")) || bytes.HasPrefix(src, []byte("\xfe\xff")) {
		return nil // UTF-16
	}
	line, begin := 1, 0
	for i := 0; i < len(src); {
		r, size := utf8.DecodeRune(src[i:])
		at := Pos{name, line, utf8.RuneCount(src[begin:i]) + 1}
		switch {
		case r == utf8.RuneError && size == 1:
			return at.errorf("policies are UTF-8", "byte %#02x is no text", src[i])
		case r < ' ' && r != '\t' && r != '\n' && r != '\r', r == 0x7f:
			return at.errorf(`write it as an escape, in quotes: "/a\x01b"`, "control character %#02x", r)
		}
		if i += size; r == '\n' {
			line, begin = line+1, i
		}
	}
	return nil
}

var yamlLine = lazyregexp.New(`^yaml: line (\d+): `)

// yamlHints say what mostly is behind an error of the parser.
var yamlHints = []struct{ msg, hint string }{
	{"expected ',' or", "[...] and {...} end on what stands in them: a rule with a comma, bracket or brace is in quotes there, or on a line of its own"},
	{"expected key", "it does not begin in the column of the line that it belongs to"},
	{"expected '-' indicator", "it does not begin in the column of the line that it belongs to"},
	{"mapping values are not allowed", "a colon with a space behind it makes a key: write the text in quotes"},
	{"could not find expected ':'", "a key has a colon behind it"},
	{"unexpected end of stream", "a quote or bracket is not closed"},
	{"cannot start any token", "write it in quotes"},
	{"escape character", `in double quotes a backslash is written \\`},
}

// yamlError is an error of the YAML parser with its place and what to do about
// it. The parser's own line is that of the list or mapping around it, or
// one less.
func yamlError(name string, src []byte, err error) *Error {
	msg := err.Error()
	e := &Error{File: name, Line: 1, Col: 1, Msg: strings.TrimPrefix(msg, "yaml: ")}
	if m := yamlLine.FindStringSubmatch(msg); m != nil {
		e.Line, _ = strconv.Atoi(m[1])
		e.Msg = msg[len(m[0]):]
	}
	for _, h := range yamlHints {
		if strings.Contains(e.Msg, h.msg) {
			e.Hint = h.hint
			break
		}
	}
	lines := bytes.SplitAfter(src, []byte("\n"))
	if n := brokenLine(lines); n > 0 {
		e.Line = n
	}
	if e.Line > len(lines) {
		return e
	}
	line := string(lines[e.Line-1])
	indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
	e.Col = len(indent) + 1
	if i := strings.IndexByte(indent, '\t'); i >= 0 {
		e.Col = i + 1
		e.Msg, e.Hint = "a tab in the indentation", "YAML is indented by spaces"
	}
	return e
}

// brokenLine is the line behind the longest beginning of a file that can be
// parsed; 0: it would take too long to find.
func brokenLine(lines [][]byte) int {
	const most = 500
	if len(lines) > most {
		return 0
	}
	for n := len(lines) - 1; n >= 0; n-- {
		var doc yaml.Node
		if yaml.Unmarshal(slices.Concat(lines[:n]...), &doc) == nil {
			return n + 1
		}
	}
	return 0
}
