package main

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"strait/internal/print"
	"strait/syscalls"
)

// TestJSONIsTheLine makes lines again of the JSON of the tables' calls alone, as docs/json.md
// describes that, with names for constants and with numbers. They are the lines of text, but for
// how numbers, bytes and sets of signals are written.
func TestJSONIsTheLine(t *testing.T) {
	each(t, func(t *testing.T, tab *table, _ string) {
		tab.thin(5) // of each line, spread over its values
		failed := 0
		tab.each(func(c *call, before *syscalls.Call) {
			if failed > 3 {
				return
			}
			var object strings.Builder
			w := print.NewWriter(&object)
			tab.play(c, before, &variants[1], &print.JSONLines{Out: w})
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			for i, raw := range []bool{false, true} {
				text := unnamed.ReplaceAllString(tab.namedLine(c, before, &variants[1+i]), "$1")
				// Where strace joins two numbers without a sign, shows two words of one, or words whatever -X says.
				if odd.MatchString(text) {
					continue
				}
				want := tokensOf(text, raw)
				said, same := "", false
				// With numbers, JSON does not tell which of them text shows in parts.
				for parts := range 4 {
					if !same && (parts == 0 || raw) {
						said = unnamed.ReplaceAllString(lineOf(t, object.String(), raw, parts&1 != 0, parts&2 != 0), "$1")
						same = slices.Equal(tokensOf(said, raw), want)
					}
				}
				if same {
					continue
				}
				failed++
				t.Errorf("line %d\ntext      %.1500s\nJSON says %.1500s\n%.3000s", c.line, text, said, object.String())
				return
			}
		})
	})
}

// namedLine is a line with the names of all arguments.
func (t *table) namedLine(c *call, before *syscalls.Call, v *variant) string {
	var b strings.Builder
	w := print.NewWriter(&b)
	t.play(c, before, v, &print.Lines{Out: w, Text: print.Text{Xlat: v.xlat, ArgNames: true}})
	_ = w.Close()
	return strings.TrimSuffix(b.String(), "\n")
}

// A jsonNode is a node as docs/json.md has it.
type jsonNode struct {
	Kind, Name, Text, Hex string
	Value                 json.RawMessage
	Base64                *string `json:"value_base64"`
	Flags                 []string
	Rest                  uint64
	Signals               []string
	Abstract, Cut, After  bool
	NUL                   bool
	Alternatives          bool
	Field                 string
	Field64               *string `json:"field_base64"`
	Count, Minus, Shift   int
	Major, Minor          uint64
	Items, Memory         []jsonNode
}

// lineOf writes the line of an object, with numbers for constants if raw; of these, what is joined
// by signs and what a function makes are in their parts, if asked for.
func lineOf(t *testing.T, text string, raw, joined, made bool) string {
	t.Helper()
	var o struct {
		Name           string
		Args, Result   []jsonNode
		Ret            *int64
		Errno, Message string
	}
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	w := &jsonWriter{raw: raw, joined: joined, made: made}
	w.add(o.Name, "(")
	w.list(o.Args, true, ", ")
	w.add(") = ")
	switch {
	case o.Ret == nil:
		w.add("?")
	case o.Errno != "":
		ret := "-1"
		if strings.HasPrefix(o.Errno, "ERESTART") {
			ret = "?"
		}
		w.add(ret, " ", o.Errno, " (", o.Message, ")")
	case len(o.Result) == 0:
		w.add(strconv.FormatInt(*o.Ret, 10))
	case raw: // what stands behind it is in words, if at all
		w.raw = false
		w.list(o.Result[:1], false, ", ")
	default:
		w.list(o.Result[:1], false, ", ")
		if len(o.Result) > 1 && o.Result[1].Kind != "date" {
			w.add(" (")
			w.list(o.Result[1:], false, ", ")
			w.add(")")
		}
	}
	return w.String()
}

type jsonWriter struct {
	strings.Builder
	raw, joined, made bool
}

func (w *jsonWriter) add(parts ...string) {
	for _, p := range parts {
		w.WriteString(p)
	}
}

func (w *jsonWriter) list(nodes []jsonNode, named bool, sep string) {
	for i := range nodes {
		n := &nodes[i]
		joined := n.After || n.Kind == "comment" || n.Kind == "date"
		switch {
		case n.After:
			w.add(" => ")
		case i > 0 && !joined && nodes[i-1].Text != "~":
			w.add(sep)
		}
		switch n.Kind {
		case "word", "resuming", "more", "call":
		case "ip6":
			if w.raw && n.Name != "" && named {
				w.add(n.Name, "=")
			}
		default:
			if named && n.Name != "" && !joined {
				w.add(n.Name, "=")
			}
		}
		w.node(n)
	}
}

func (w *jsonWriter) node(n *jsonNode) {
	value := string(n.Value)
	switch n.Kind {
	case "struct":
		if n.Text != "" && !w.raw {
			w.add(n.Text)
			return
		}
		w.add("{")
		w.list(n.Items, true, ", ")
		w.add("}")
	case "array":
		w.add("[")
		w.list(n.Items, false, ", ")
		w.add("]")
	case "set":
		if w.raw && len(n.Memory) > 0 {
			w.node(&jsonNode{Kind: "array", Items: n.Memory})
			return
		}
		w.add("[")
		w.list(n.Items, false, " ")
		w.add("]")
	case "or":
		switch {
		case w.raw && !w.joined && n.Items[len(n.Items)-1].Kind != "signal":
			w.add(value)
		case n.Alternatives:
			w.list(n.Items, false, " or ")
		case len(n.Items) > 1 && n.Items[1].Kind == "word" && n.Items[1].Text == "+":
			w.list(n.Items, false, "")
		default:
			w.list(n.Items, false, "|")
		}
	case "call":
		switch {
		case w.raw && value != "":
			w.add(value)
			return
		case w.raw && n.Name == "htons" && !w.made:
			w.network(&n.Items[0], "", 2)
			return
		}
		w.add(n.Name, "(")
		w.list(n.Items, false, ", ")
		w.add(")")
	case "comment":
		if w.raw {
			return
		}
		w.add(" /* ")
		w.list(n.Items, false, " ")
		w.add(" */")
	case "group", "ptr":
		w.list(n.Items, false, ", ")
	case "rest":
		from, _ := strconv.Atoi(value)
		w.add("/* bytes ", value, "..", strconv.Itoa(from+n.Count-1), " */ ")
		w.list(n.Items, false, ", ")
	case "labelled":
		w.add(n.Text)
		w.list(n.Items, false, ", ")
	case "shift":
		w.add("1<<")
		w.list(n.Items, false, ", ")
	case "index":
		w.add("[")
		w.node(&n.Items[0])
		if n.Minus != 0 && !w.raw {
			w.add("-", strconv.Itoa(n.Minus))
		}
		w.add("]=")
		w.list(n.Items[1:], false, "")
	case "string":
		if n.Abstract {
			w.add("@")
		}
		w.add(quoted(n.bytes()))
		if n.Cut && !n.NUL {
			w.add("...")
		}
	default:
		w.scalar(n, value)
	}
}

func (n *jsonNode) bytes() []byte {
	var s string
	_ = json.Unmarshal(n.Value, &s)
	return bytesOf(s, n.Base64)
}

func bytesOf(s string, base *string) []byte {
	if base == nil {
		return []byte(s)
	}
	p, _ := base64.StdEncoding.DecodeString(*base)
	return p
}

func (w *jsonWriter) scalar(n *jsonNode, value string) {
	switch n.Kind {
	case "flags":
		if w.raw || len(n.Flags) == 0 {
			w.add(value)
			return
		}
		w.add(strings.Join(n.Flags, "|"))
		if n.Rest != 0 {
			w.add("|", strconv.FormatUint(n.Rest, 10))
		}
	case "dev":
		if w.raw {
			w.add(value)
		} else {
			w.add(fmt.Sprintf("makedev(%d, %d)", n.Major, n.Minor))
		}
	case "port", "be16":
		w.network(n, "htons", 2)
	case "be32":
		w.network(n, "htonl", 4)
	case "ip4":
		switch field := bytesOf(n.Field, n.Field64); {
		case w.raw && len(field) > 0:
			w.add(quoted(field))
		case w.raw:
			w.network(n, "", 4)
		default:
			w.add(`inet_addr("`, n.Text, `")`)
		}
	case "ip6":
		a, err := netip.ParseAddr(n.Text)
		p := a.As16()
		switch {
		case err != nil:
			w.add(quoted(n.bytes()))
		case w.raw:
			w.add(quoted(p[:]))
		default:
			w.add(`inet_pton(AF_INET6, "`, n.Text, `"`)
			if n.Name != "" {
				w.add(", &", n.Name)
			}
			w.add(")")
		}
	case "sigset":
		w.add("[")
		for i, s := range n.Signals {
			if i > 0 {
				w.add(" ")
			}
			if w.raw {
				s = strconv.Itoa(signalNamed(s))
			}
			w.add(strings.TrimPrefix(s, "SIG"))
		}
		w.add("]")
	case "more":
		w.add("...")
	case "unread":
		w.add("... /* ", value, " */")
	case "vars":
		w.add(value, " /* ", strconv.Itoa(n.Count), " vars */")
	case "entries":
		w.add(value, " /* ", strconv.Itoa(n.Count), " entries */")
	case "shift_by":
		w.add("<<", value)
	case "shifted":
		w.add(value, "<<", n.Text)
	case "resuming":
		w.add("<... resuming interrupted ", n.Text, " ...>")
	case "word":
		w.add(n.Text)
	case "date":
	case "ifindex":
		if n.Text != "" && !w.raw {
			w.add(`if_nametoindex("`, n.Text, `")`)
		} else {
			w.add(value)
		}
	case "mac":
		field := bytesOf(n.Field, n.Field64)
		if len(field) == 0 {
			field, _ = hex.DecodeString(strings.ReplaceAll(n.Text, ":", ""))
		}
		if w.raw {
			w.add(quoted(field))
		} else {
			w.add(n.Text)
		}
	case "uuid", "wait_status":
		w.add(n.Text)
	case "symbol":
		if w.raw && !w.made {
			w.add(value)
		} else {
			w.add(n.Text)
		}
	case "enum":
		if n.Text != "" && !w.raw {
			w.add(n.Text)
		} else {
			w.add(value)
		}
		if n.Shift != 0 {
			w.add("<<", strconv.Itoa(n.Shift))
		}
	default:
		if n.Text != "" && !w.raw {
			w.add(n.Text)
		} else {
			w.add(value)
		}
	}
}

// network writes a number of size bytes that stands in network order.
func (w *jsonWriter) network(n *jsonNode, name string, size int) {
	if !w.raw {
		w.add(name, "(", string(n.Value), ")")
		return
	}
	v, _ := strconv.ParseUint(string(n.Value), 10, 64)
	var p [8]byte
	binary.BigEndian.PutUint64(p[:], v)
	w.add(quoted(p[8-size:]))
}

func signalNamed(name string) int {
	for n := 1; n <= 64; n++ {
		if print.SignalName(n) == name {
			return n
		}
	}
	return 0
}

func quoted(p []byte) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range p {
		fmt.Fprintf(&b, `\x%02x`, c)
	}
	b.WriteByte('"')
	return b.String()
}

var (
	lineTokens = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\x..|\\.)'|[A-Za-z_?][A-Za-z0-9_?]*|0x[0-9a-f]+|[0-9]+|=>|<<|[^ ,]`)
	// What only explains: that a number has no name, what time a number of seconds is.
	explained = regexp.MustCompile(` /\* [^ /]*\?[^ /]* \*/| /\* -?[0-9]+-[-0-9]+T[-+0-9:.]+ \*/| \(-?[0-9]+-[-0-9]+T[-+0-9:.]+\)$| /\* -?[0-9.]+ s \*/`)
	comments  = regexp.MustCompile(`("(?:[^"\\]|\\.)*")|/\*.*?\*/`)
	numbered  = regexp.MustCompile(`(?:0x[0-9a-f]+|[0-9]+) /\* ([A-Za-z_][A-Za-z0-9_|]*) \*/`)
	kilos     = regexp.MustCompile(`\b([0-9]+)\*1024\b`)
	none      = regexp.MustCompile(`=([,|}\]])`)
	result    = regexp.MustCompile(`(\) = [^ ]+) \(.*\)$`)
	number    = `(0x[0-9a-f]+|[0-9]+)`
	shifts    = regexp.MustCompile(`\b` + number + `<<` + number + `\b`)
	ors       = regexp.MustCompile(`\b` + number + `\|` + number + `\b`)
	odd       = regexp.MustCompile(`^(msg|sem)get\(.*flg=0x|^cap[gs]et\(.*=0x|^modify_ldt\(.*= 429|WIF.*<<16`)
	unnamed   = regexp.MustCompile(`([(, ])arg[1-6]=`)
	signalSet = regexp.MustCompile(`~\[([A-Z0-9_ ]*)\]`)
)

// tokensOf takes a line apart. Numbers are in decimal, strings and characters are bytes, and sets of
// signals the names in them; commas and what only explains are left out. Raw lines have one number for
// those joined by signs.
func tokensOf(line string, raw bool) []string {
	line = none.ReplaceAllString(explained.ReplaceAllString(line, ""), "=0$1")
	line = signalSet.ReplaceAllStringFunc(line, func(s string) string { return allBut(strings.Fields(s[2:len(s)-1]), raw) })
	if raw {
		line = result.ReplaceAllString(comments.ReplaceAllString(line, "$1"), "$1")
		line = fold(line, shifts, func(a, b uint64) uint64 { return a << b })
		line = fold(line, ors, func(a, b uint64) uint64 { return a | b })
	}
	line = numbered.ReplaceAllString(line, "$1")
	line = kilos.ReplaceAllStringFunc(line, func(s string) string {
		n, _ := strconv.ParseUint(strings.TrimSuffix(s, "*1024"), 10, 64)
		return strconv.FormatUint(n*1024, 10)
	})
	var list []string
	for _, s := range lineTokens.FindAllString(line, -1) {
		switch {
		case s[0] == '"':
			p, _ := unquote(s[1 : len(s)-1])
			s = strconv.Quote(p)
		case s[0] == '\'' && len(s) > 1:
			p, _ := unquote(strings.ReplaceAll(s[1:len(s)-1], `\'`, "'"))
			s = strconv.Itoa(int(p[0]))
		case s[0] >= '0' && s[0] <= '9':
			if n, err := strconv.ParseUint(s, 0, 64); err == nil {
				s = strconv.FormatUint(n, 10)
			}
		case s == "NULL":
			s = "0"
		}
		list = append(list, s)
	}
	return list
}

// allBut is a set of signals by those that are in it, where text has those that are not.
func allBut(names []string, raw bool) string {
	var in []string
	for n := 1; n <= 64; n++ {
		s := strings.TrimPrefix(print.SignalName(n), "SIG")
		if raw {
			s = strconv.Itoa(n)
		}
		if !slices.Contains(names, s) {
			in = append(in, s)
		}
	}
	return "[" + strings.Join(in, " ") + "]"
}

// fold computes what re finds: two numbers with a sign between.
func fold(line string, re *regexp.Regexp, compute func(a, b uint64) uint64) string {
	for re.MatchString(line) {
		line = re.ReplaceAllStringFunc(line, func(s string) string {
			m := re.FindStringSubmatch(s)
			a, _ := strconv.ParseUint(m[1], 0, 64)
			b, _ := strconv.ParseUint(m[2], 0, 64)
			return strconv.FormatUint(compute(a, b), 10)
		})
	}
	return line
}

// unquote undoes the escapes of a string of a trace.
func unquote(s string) (string, bool) {
	var p []byte
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			p = append(p, s[i])
			continue
		}
		if i++; i == len(s) {
			return "", false
		}
		if k := strings.IndexByte(`nrtvf"\`, s[i]); k >= 0 {
			p = append(p, "\n\r\t\v\f\"\\"[k])
			continue
		}
		end, base := i, 8
		for end < len(s) && end < i+3 && s[end] >= '0' && s[end] <= '7' {
			end++
		}
		if s[i] == 'x' {
			i, end, base = i+1, min(i+3, len(s)), 16
		}
		n, err := strconv.ParseUint(s[i:end], base, 8)
		if err != nil {
			return "", false
		}
		p, i = append(p, byte(n)), end-1
	}
	return string(p), true
}
