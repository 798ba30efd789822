package yamlfault_test

import (
	"testing"

	"strait/internal/yamlfault"

	"go.yaml.in/yaml/v3"
)

// A fault is told with the line that breaks, where the parser names that before it.
func TestOf(t *testing.T) {
	for src, want := range map[string]yamlfault.Fault{
		"a: 1\nb: {c: 1\n":           {2, 1, "did not find expected ',' or '}'", ""},
		"a:\n  b: 1\n c: 2\n":        {3, 2, "did not find expected key", ""},
		"a: 1\n\tb: 2\n":             {2, 1, "a tab in the indentation", ""},
		"a: 1\nb: c: d\n":            {2, 1, "mapping values are not allowed in this context", ""},
		"a: 1\nb: *c\n":              {2, 1, "unknown anchor 'c' referenced", ""},
		"a: 1\nb:\n  c: \"d\ne: f\n": {3, 3, "found unexpected end of stream", ""},
	} {
		var doc yaml.Node
		err := yaml.Unmarshal([]byte(src), &doc)
		if err == nil {
			t.Errorf("%q is YAML", src)
			continue
		}
		got := *yamlfault.Of([]byte(src), err)
		if got.Hint == "" {
			t.Errorf("%q: nothing is said about what to do", src)
		}
		got.Hint = ""
		if got != want {
			t.Errorf("%q: %+v, want %+v (the parser: %v)", src, got, want, err)
		}
	}
}

func TestUnreadable(t *testing.T) {
	for src, want := range map[string]*yamlfault.Fault{
		"a: é\t\r\n": nil, "\xff\xfea": nil,
		"a: é\n\xc3é\n":    {Line: 2, Col: 1, Msg: "byte 0xc3 is no text"},
		"a: é\nb: é\x7f\n": {Line: 2, Col: 5, Msg: "control character 0x7f"},
	} {
		got := yamlfault.Unreadable([]byte(src))
		if (got == nil) != (want == nil) || got != nil && (got.Line != want.Line || got.Col != want.Col || got.Msg != want.Msg || got.Hint == "") {
			t.Errorf("%q: %+v, want %+v", src, got, want)
		}
	}
}
