package cases

import (
	"slices"
	"strconv"
	"strings"

	"strait/internal/golden"
	"strait/policy"

	"go.yaml.in/yaml/v3"
)

var expectKeys = []string{
	"exit", "signal", "stdout", "stderr", "policy", "enforce", "never", "must", "writes", "reads", "execs", "connects", "counts", "golden",
}

// onlyEffects are the effects of the keys that list all objects there may be.
var onlyEffects = map[string][]string{
	"writes":   {"fs.write", "fs.create", "fs.delete", "fs.meta"},
	"reads":    {"fs.read"},
	"execs":    {"exec"},
	"connects": {"net.connect", "net.send"},
}

func (y *yamlReader) expect(c *Case, n *yaml.Node) {
	x := &c.Expect
	y.keys(n, "expect", expectKeys, func(key string, at, val *yaml.Node) {
		switch key {
		case "exit":
			x.Exit, x.EndPos = y.number(val, key, 255), y.pos(at)
		case "signal":
			x.Signal, x.EndPos = y.signal(val), y.pos(at)
		case "stdout":
			x.Stdout = y.output(val, key)
		case "stderr":
			x.Stderr = y.output(val, key)
		case "policy":
			x.Policy, x.PolPos = y.str(val, key), y.pos(val)
		case "enforce":
			x.Enforce = y.boolean(val, key)
		case "never":
			x.Never = y.rules(val, key)
		case "must":
			x.Must = y.rules(val, key)
		case "counts":
			y.list(val, key, func(s string, at *yaml.Node) {
				count, err := ParseCount(s, y.pos(at))
				if err == nil {
					err = count.Check()
				}
				if err != nil {
					y.fail(at, "", "%v", err)
				}
				x.Counts = append(x.Counts, count)
			})
		case "golden":
			x.Golden = y.golden(val)
		default:
			x.Only = append(x.Only, y.only(key, val))
		}
	})
	if x.Enforce && x.Policy == "" {
		y.fail(n, "policy: file.yaml", "enforce needs a policy")
	}
}

func (y *yamlReader) signal(n *yaml.Node) string {
	s := strings.ToUpper(y.str(n, "signal"))
	if !strings.HasPrefix(s, "SIG") {
		s = "SIG" + s
	}
	if signalNumber(s) == 0 {
		y.fail(n, "signal: SIGTERM", "no signal %q", n.Value)
	}
	return s
}

func (y *yamlReader) output(n *yaml.Node, what string) *Output {
	o := &Output{}
	if n.Kind != yaml.MappingNode {
		o.Text = y.text(n, what)
		return o
	}
	o.Pos = y.pos(n)
	y.keys(n, what, []string{"file", "match"}, func(key string, _, val *yaml.Node) {
		if key == "file" {
			o.File = y.str(val, key)
			return
		}
		y.list(val, key, func(s string, at *yaml.Node) { o.Match = append(o.Match, y.pattern(s, at)) })
	})
	return o
}

func (y *yamlReader) rules(n *yaml.Node, what string) []Rule {
	var out []Rule
	y.list(n, what, func(s string, at *yaml.Node) {
		r := Rule{Text: s, Pos: y.pos(at)}
		if err := r.Check(); err != nil {
			y.add(at, err)
		}
		out = append(out, r)
	})
	return out
}

// only reads "only ./out/**", "none", or a list.
func (y *yamlReader) only(key string, n *yaml.Node) Only {
	o := NewOnly(key, nil)
	o.Pos = y.pos(n)
	y.list(n, key, func(s string, at *yaml.Node) {
		if n.Kind == yaml.ScalarNode {
			s = strings.TrimSpace(strings.TrimPrefix(s+" ", "only "))
		}
		switch s {
		case "none":
			return
		case "":
			y.fail(at, key+": none, if there are to be none", "%s: only what?", key)
			return
		}
		list := strings.Fields(s)
		if key == "connects" {
			list = []string{s}
		}
		o.Objects = append(o.Objects, list...)
		if err := (&Only{Word: key, Effects: o.Effects, Objects: list}).Check(); err != nil {
			y.add(at, err)
		}
	})
	return o
}

// add keeps an error of the language of policies, at the place of the string that
// it is in.
func (y *yamlReader) add(n *yaml.Node, err error) {
	msg, hint := err.Error(), ""
	if e, ok := err.(*policy.Error); ok { //nolint:errorlint // it is what ParseRule returns
		msg, hint = e.Msg, e.Hint
	}
	if !strings.Contains(msg, `"`) { // it does not say which
		msg = strconv.Quote(n.Value) + ": " + msg
	}
	y.fail(n, hint, "%s", msg)
}

func (y *yamlReader) golden(n *yaml.Node) *Golden {
	g := &Golden{Depth: golden.Calls, Pos: y.pos(n)}
	if n.Kind != yaml.MappingNode {
		s := y.str(n, "golden")
		if d, err := golden.ParseDepth(s); err == nil {
			g.Depth = d
			return g
		}
		g.File = s
		return g
	}
	y.keys(n, "golden", []string{"file", "depth", "any-order"}, func(key string, _, val *yaml.Node) {
		switch key {
		case "file":
			g.File = y.str(val, key)
		case "depth":
			d, err := golden.ParseDepth(y.str(val, key))
			if err != nil {
				y.fail(val, "", "%v", err)
			}
			g.Depth = d
		case "any-order":
			g.AnyOrder = slices.Concat(g.AnyOrder, y.strings(val, key))
		}
	})
	return g
}
