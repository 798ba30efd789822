package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// runFmt is sysgen fmt: it formats description files in place, or with -l only
// lists those that are not formatted.
func runFmt(args []string, stdout, stderr io.Writer) error {
	fs := flag.NewFlagSet("fmt", flag.ContinueOnError)
	fs.SetOutput(stderr)
	list := fs.Bool("l", false, "list files that are not formatted, change nothing")
	dir := fs.String("dir", ".", "directory of package syscalls, when no files are named")
	if err := fs.Parse(args); err != nil {
		return err
	}
	names := fs.Args()
	if len(names) == 0 {
		var err error
		if names, err = descFiles(filepath.Join(*dir, "desc")); err != nil {
			return err
		}
	}
	for _, name := range names {
		changed, err := formatFile(name, !*list)
		if err != nil {
			return err
		}
		if changed && *list {
			fmt.Fprintln(stdout, name)
		}
	}
	return nil
}

// formatFile reports whether a file was not formatted, and if write is set
// formats it.
func formatFile(name string, write bool) (changed bool, err error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return false, err
	}
	out, err := formatSource(name, string(text))
	if err != nil || bytes.Equal(text, out) || !write {
		return !bytes.Equal(text, out), err
	}
	return true, os.WriteFile(name, out, 0o644)
}

// formatSource returns a description in its canonical form: the lines are the
// author's, the white space within and before them is not.
func formatSource(name, src string) ([]byte, error) {
	var diags diagnostics
	parse(name, src, &diags)
	if err := diags.err(); err != nil {
		return nil, err
	}
	f := &formatter{toks: lex(name, src)}
	for i := range f.toks {
		f.token(i)
	}
	out := strings.TrimRight(f.out.String(), "\n")
	if out != "" {
		out += "\n"
	}
	return []byte(out), nil
}

type formatter struct {
	toks       []token
	out        strings.Builder
	brackets   []string // open ones, and "?" for a branch of ?: to come
	statement, // first word of the statement
	pending string // a ";" that is written only if something follows on its line
	prev     token // on this line; kind tokNewline at its beginning
	blank    int   // line ends written since something else was
	caseDone bool  // the colon of this case or mask was seen
	unary    bool  // prev is a unary operator
}

// token writes token i with the space before it.
func (f *formatter) token(i int) {
	t := f.toks[i]
	if i == 0 {
		f.prev, f.blank = token{kind: tokNewline}, 2
	}
	switch {
	case t.kind == tokEOF:
		return
	case t.kind == tokNewline:
		f.newline(i)
		return
	case t.is(";"):
		f.pending, f.caseDone = ";", false
		return
	}
	f.before(t)
	unary := f.isUnary(t)
	if t.is(":") {
		t.space = f.colon()
	}
	f.track(t)
	f.out.WriteString(t.text)
	f.prev, f.blank, f.unary = t, 0, unary
}

func (f *formatter) newline(i int) {
	f.pending = ""
	closing := i+1 < len(f.toks) && f.toks[i+1].is("}")
	if f.blank < 2 && !(f.blank == 1 && closing) && !(f.blank == 1 && f.opened()) {
		f.out.WriteByte('\n')
		f.blank++
	}
	if !slices.Contains(f.brackets, "(") {
		f.caseDone = false
		f.brackets = slices.DeleteFunc(f.brackets, func(b string) bool { return b == "?" })
	}
	if len(f.brackets) == 0 {
		f.statement = ""
	}
	f.prev = token{kind: tokNewline}
}

// opened reports whether the line before was the beginning of a body.
func (f *formatter) opened() bool { return strings.HasSuffix(f.out.String(), "{\n") }

// before writes the white space between the token before and t.
func (f *formatter) before(t token) {
	if f.prev.kind == tokNewline {
		depth := 0
		for _, b := range f.brackets {
			if b != "?" {
				depth++
			}
		}
		if t.is("}") || t.is(")") {
			depth--
		}
		f.out.WriteString(strings.Repeat("\t", max(depth, 0)))
		f.pending = ""
		return
	}
	if f.pending != "" && !t.is("}") && t.kind != tokComment {
		f.out.WriteString(f.pending + " ")
		f.pending = ""
		return
	}
	f.pending = ""
	if f.spaced(t) {
		f.out.WriteByte(' ')
	}
}

// keywords that an operand does not follow tightly and that are no operands.
var formatKeywords = map[string]bool{
	"if": true, "else": true, "on": true, "comment": true, "note": true, "names": true,
	"out": true, "exit": true, "inout": true, "begun": true, "except": true,
}

// spaced reports whether a space stands between the token before and t.
func (f *formatter) spaced(t token) bool {
	p := f.prev
	switch {
	case t.kind == tokComment, t.kind == tokClass, t.kind == tokEffect, t.is("{"), t.is("}"):
		return true
	case p.is("("), t.is(")"), t.is(","), p.is("@"), t.is("@"), t.kind == tokReg, f.unary, t.is(":") && f.top() != "?":
		return false
	case p.is(","):
		return f.top() == "(" || f.top() == "?"
	case p.is("{"), p.is("}"):
		return true
	case t.is("("):
		return f.spacedParen()
	case p.is(":"):
		return p.space
	case t.is("=") || p.is("="):
		return !f.inTable()
	case p.is("?") && f.tableHeader():
		return false
	case isOperator(t) && !f.isUnary(t):
		return looseOperators[t.text] || t.space
	case isOperator(p):
		return looseOperators[p.text] || p.space
	}
	return true
}

func (f *formatter) spacedParen() bool {
	p := f.prev
	switch {
	case p.kind == tokIdent:
		return formatKeywords[p.text] && (p.text != "exit" || len(f.brackets) > 0) // a call is named so
	case p.kind == tokEffect:
		return false
	case p.is("="):
		return !f.inTable()
	case p.is(":"):
		return p.space
	case isOperator(p):
		return looseOperators[p.text] || p.space
	}
	return true
}

func (f *formatter) top() string {
	if len(f.brackets) == 0 {
		return ""
	}
	return f.brackets[len(f.brackets)-1]
}

func (f *formatter) inTable() bool {
	return (f.statement == "flags" || f.statement == "bits" || f.statement == "bits1" || f.statement == "enum" || f.statement == "attrs") && slices.Contains(f.brackets, "{")
}

func (f *formatter) tableHeader() bool {
	return (f.statement == "flags" || f.statement == "bits" || f.statement == "bits1" || f.statement == "enum") && len(f.brackets) == 0
}

// colon takes note of a colon and reports whether it is one of a case, a mask or
// ?:, behind which there is a space, and not of a storage type.
func (f *formatter) colon() bool {
	switch f.top() {
	case "?":
		f.brackets = f.brackets[:len(f.brackets)-1]
		return true
	case "{":
		if (f.statement == "switch" || f.inTable()) && !f.caseDone {
			f.caseDone = true
			return true
		}
	}
	return false
}

// isOperator reports whether t is an operator of expressions, or =>.
func isOperator(t token) bool {
	return t.kind == tokPunct && !strings.Contains("(){},;:@=", t.text)
}

// looseOperators stand between spaces always; around others the author decides.
var looseOperators = map[string]bool{
	"=>": true, "==": true, "!=": true, "<=": true, ">=": true, "<": true, ">": true, "&&": true, "||": true, "?": true,
}

// isUnary reports whether t, which follows f.prev, is a unary operator.
func (f *formatter) isUnary(t token) bool {
	if t.is("!") || t.is("~") {
		return true
	}
	if !t.is("-") {
		return false
	}
	p := f.prev
	operand := p.kind == tokIdent && !formatKeywords[p.text] || p.kind == tokNumber || p.is(")")
	return !operand
}

// track keeps the brackets, and notes at a colon what it is.
func (f *formatter) track(t token) {
	if f.statement == "" && t.kind == tokIdent {
		f.statement = t.text
	}
	switch t.text {
	case "(", "{":
		f.brackets = append(f.brackets, t.text)
		f.caseDone = f.caseDone && t.text == "("
	case "?":
		if !f.tableHeader() {
			f.brackets = append(f.brackets, "?")
		}
	case ")", "}":
		for f.top() == "?" {
			f.brackets = f.brackets[:len(f.brackets)-1]
		}
		if len(f.brackets) > 0 {
			f.brackets = f.brackets[:len(f.brackets)-1]
		}
	}
}
