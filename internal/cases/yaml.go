package cases

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"strait/internal/match"
	"strait/internal/yamlfault"
	"strait/policy"

	"go.yaml.in/yaml/v3"
)

// A yamlReader takes a case file apart, and keeps what is wrong with it: all of
// it is told at once.
type yamlReader struct {
	file string
	errs policy.Errors
}

func (y *yamlReader) pos(n *yaml.Node) policy.Pos {
	return policy.Pos{File: y.file, Line: n.Line, Col: n.Column}
}

func (y *yamlReader) fail(n *yaml.Node, hint, format string, args ...any) {
	y.errs = append(y.errs, &policy.Error{File: y.file, Line: n.Line, Col: n.Column, Msg: fmt.Sprintf(format, args...), Hint: hint})
}

// keys calls f with the entries of a mapping, each once; known are those there
// can be (nil: any).
func (y *yamlReader) keys(n *yaml.Node, what string, known []string, f func(key string, at, val *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		y.fail(n, "", "%s must be a mapping of keys to values", what)
		return
	}
	var seen []string
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, at, val := n.Content[i].Value, n.Content[i], n.Content[i+1]
		switch {
		case slices.Contains(seen, key):
			y.fail(at, "", "%q stands twice", key)
		case known != nil && !slices.Contains(known, key):
			hint := "known are: " + strings.Join(known, " ")
			if near := match.Nearest(key, slices.Values(known)); near != "" {
				hint = "did you mean " + near + "?"
			}
			y.fail(at, hint, "unknown key %q in %s", key, what)
		default:
			f(key, at, val)
		}
		seen = append(seen, key)
	}
}

func (y *yamlReader) str(n *yaml.Node, what string) string {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		y.fail(n, "write it in quotes if it has a colon and a space in it", "%s must be a string", what)
		return ""
	}
	return n.Value
}

// list calls f with the items of a list; a single string is a list of one.
func (y *yamlReader) list(n *yaml.Node, what string, f func(s string, at *yaml.Node)) {
	if n.Kind == yaml.ScalarNode && n.Tag != "!!null" {
		f(n.Value, n)
		return
	}
	if n.Kind != yaml.SequenceNode {
		y.fail(n, "a list: [a, b], or a line with - for each", "%s must be a list", what)
		return
	}
	for _, item := range n.Content {
		if item.Kind != yaml.ScalarNode || item.Tag == "!!null" {
			y.fail(item, "write it in quotes if it has a colon and a space in it", "%s: each item must be a string", what)
			continue
		}
		f(item.Value, item)
	}
}

func (y *yamlReader) strings(n *yaml.Node, what string) []string {
	var out []string
	y.list(n, what, func(s string, _ *yaml.Node) { out = append(out, s) })
	return out
}

func (y *yamlReader) number(n *yaml.Node, what string, most int) int {
	v, err := strconv.Atoi(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil || v < 0 || v > most {
		y.fail(n, "", "%s must be a number from 0 to %d, not %q", what, most, n.Value)
		return 0
	}
	return v
}

func (y *yamlReader) boolean(n *yaml.Node, what string) bool {
	if n.Kind != yaml.ScalarNode || n.Value != "true" && n.Value != "false" {
		y.fail(n, "", "%s must be true or false", what)
	}
	return n.Value == "true"
}

func (y *yamlReader) duration(n *yaml.Node, what string) time.Duration {
	d, err := time.ParseDuration(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil || d <= 0 {
		y.fail(n, "10s, 500ms, 2m", "%s must be a time, not %q", what, n.Value)
		return 0
	}
	return d
}

func (y *yamlReader) size(n *yaml.Node, what string) uint64 {
	c, err := ParseCount("x <= "+n.Value, policy.Pos{})
	if n.Kind != yaml.ScalarNode || err != nil || c.N <= 0 {
		y.fail(n, "65536, 64K, 256M, 1G", "%s must be a size, not %q", what, n.Value)
		return 0
	}
	return uint64(c.N)
}

func (y *yamlReader) pattern(s string, at *yaml.Node) Pattern {
	p, err := NewPattern(s, y.pos(at))
	if err != nil {
		y.fail(at, "https://pkg.go.dev/regexp/syntax", "%v", err)
		p.Regexp = regexp.MustCompile("")
	}
	return p
}

// faulty keeps what the YAML parser does not take.
func (y *yamlReader) faulty(f *yamlfault.Fault) {
	y.errs = append(y.errs, &policy.Error{File: y.file, Line: f.Line, Col: f.Col, Msg: f.Msg, Hint: f.Hint})
}

// words splits a command line at spaces; what stands in single or double quotes
// is one word. Nothing else means anything.
func words(s string) ([]string, error) {
	var out []string
	var word strings.Builder
	quote, in := rune(0), false
	for _, r := range s {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '"' || r == '\'':
			quote, in = r, true
		case r == ' ' || r == '\t' || r == '\n':
			if in {
				out = append(out, word.String())
				word.Reset()
			}
			in = false
		default:
			word.WriteRune(r)
			in = true
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("%c has no end", quote)
	}
	if in {
		out = append(out, word.String())
	}
	return out, nil
}
