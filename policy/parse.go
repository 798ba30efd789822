package policy

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"strait/internal/match"

	"go.yaml.in/yaml/v3"
)

// Parse parses a policy file. Everything that is wrong is reported at once, as
// an Errors.
func Parse(name string, src []byte) (*File, error) {
	f, errs := parse(name, src)
	if len(errs) > 0 {
		return nil, errs
	}
	return f, nil
}

// parse is Parse that returns, besides errors, what could be understood; nil
// where nothing was.
func parse(name string, src []byte) (*File, Errors) {
	p := &fileParser{name: name, f: &File{Name: name, Comments: map[string]Comment{}, pos: map[string]Pos{}}}
	doc, errs := document(name, src)
	if len(errs) > 0 {
		return nil, errs
	}
	if doc == nil || len(doc.Content) == 0 {
		p.fail(Pos{name, 1, 1}, "version: 1", "the file is empty")
		return nil, p.errs
	}
	p.f.Comment = Comment{Head: doc.HeadComment, Foot: doc.FootComment}
	p.top(doc.Content[0])
	return p.f, p.errs
}

type fileParser struct {
	name string
	f    *File
	errs Errors
}

func (p *fileParser) fail(at Pos, hint, format string, args ...any) {
	p.errs = append(p.errs, at.errorf(hint, format, args...))
}

func (p *fileParser) add(err error) {
	var e *Error
	if errors.As(err, &e) {
		p.errs = append(p.errs, e)
	}
}

func (p *fileParser) pos(n *yaml.Node) Pos { return Pos{p.name, n.Line, n.Column} }

func comment(n *yaml.Node) Comment { return Comment{n.HeadComment, n.LineComment, n.FootComment} }

// comment is what stands around a key, and behind its value where that is in
// the same line.
func (k *key) comment() Comment {
	c := comment(k.at)
	if k.val.Kind == yaml.ScalarNode || k.val.Style&yaml.FlowStyle != 0 {
		c.Line = cmp.Or(c.Line, k.val.LineComment)
	}
	return c
}

// keep has the comments of a key below those of the file stay; path is what is
// above it.
func (p *fileParser) keep(path string, k *key) { p.keepComment(path+"."+k.name, k.comment()) }

func (p *fileParser) keepComment(path string, c Comment) {
	if c != (Comment{}) {
		p.f.Comments[path] = c
	}
}

// A key is a key of a mapping, and its value.
type key struct {
	name string
	at   *yaml.Node
	val  *yaml.Node
}

// keys returns the entries of a mapping, each once; known are those there can be
// (nil: any).
func (p *fileParser) keys(n *yaml.Node, what string, known []string) []key {
	if n.Kind != yaml.MappingNode {
		p.fail(p.pos(n), "", "%s must be a mapping of keys to values", what)
		return nil
	}
	var out []key
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := key{name: n.Content[i].Value, at: n.Content[i], val: n.Content[i+1]}
		if i := slices.IndexFunc(out, func(o key) bool { return o.name == k.name }); i >= 0 {
			first := out[i].at
			p.fail(p.pos(k.at), fmt.Sprintf("the first is in line %d: join them", first.Line), "%q stands twice", k.name)
			continue
		}
		if known != nil && !slices.Contains(known, k.name) {
			hint := "known are: " + strings.Join(known, " ")
			if near := match.Nearest(k.name, slices.Values(known)); near != "" {
				hint = "did you mean " + near + "?"
			}
			p.fail(p.pos(k.at), hint, "unknown key %q in %s", k.name, what)
			continue
		}
		out = append(out, k)
	}
	return out
}

var topKeys = []string{"version", "include", "default", "abi", "limits", "groups", "profiles"}

func (p *fileParser) top(n *yaml.Node) {
	seen := false
	for _, k := range p.keys(n, "the policy", topKeys) {
		p.f.Comments[k.name], p.f.pos[k.name] = k.comment(), p.pos(k.at)
		switch k.name {
		case "version":
			seen = true
			if k.val.Value != strconv.Itoa(Version) {
				p.fail(p.pos(k.val), "version: 1", "version %q is not known", k.val.Value)
			}
		case "include":
			p.include(k.val)
		case "default":
			p.f.Default = p.action(k.val)
			if a := p.f.Default; a != nil && a.Kind == Return {
				p.fail(p.pos(k.val), "allow, deny(ERRNO), kill, ask or log", "default: %s is not for every call", a)
			}
		case "abi":
			p.abi(k.val)
		case "limits":
			p.limits(k.val)
		case "groups":
			p.groups(k.val)
		case "profiles":
			p.profiles(k.val)
		}
	}
	if !seen && n.Kind == yaml.MappingNode {
		p.fail(p.pos(n), "begin the file with version: 1", "the version is missing")
	}
}

// strings calls f with the items of a sequence of strings.
func (p *fileParser) strings(n *yaml.Node, what string, f func(*yaml.Node)) {
	if n.Kind != yaml.SequenceNode {
		p.fail(p.pos(n), "a list: [a, b], or a line with - for each", "%s must be a list", what)
		return
	}
	for _, item := range n.Content {
		if item.Kind != yaml.ScalarNode || item.Tag == "!!null" {
			p.fail(p.pos(item), "write it in quotes if it has a colon before a space or at its end", "%s: each item must be a string", what)
			continue
		}
		f(item)
	}
}

func (p *fileParser) include(n *yaml.Node) {
	p.strings(n, "include", func(item *yaml.Node) {
		p.f.Include = append(p.f.Include, Include{item.Value, p.pos(item), comment(item)})
	})
}

func (p *fileParser) action(n *yaml.Node) *Action {
	if n.Kind != yaml.ScalarNode {
		p.fail(p.pos(n), "allow, deny(ERRNO), kill, ask or log", "expected an action")
		return nil
	}
	a, err := ParseAction(n.Value)
	if err != nil {
		var e *Error
		errors.As(err, &e)
		p.fail(p.pos(n), e.Hint, "%s", e.Msg)
		return nil
	}
	return &a
}

func (p *fileParser) abi(n *yaml.Node) {
	for _, k := range p.keys(n, "abi", []string{"compat32", "x32", "io_uring"}) {
		p.keep("abi", &k)
		a := p.action(k.val)
		switch k.name {
		case "compat32":
			p.f.ABI.Compat32 = a
		case "x32":
			p.f.ABI.X32 = a
		case "io_uring":
			p.f.ABI.IOUring = a
		}
		if a != nil && (a.Kind == Ask || a.Kind == Return || a.Kind == Log) {
			p.fail(p.pos(k.val), "allow, deny(ERRNO) or kill", "%s: %s is not for a whole ABI", k.name, a)
		}
	}
}

func (p *fileParser) limits(n *yaml.Node) {
	examples := map[string]string{"wall": "10s", "cpu": "1m30s", "memory": "256M", "output": "64M", "procs": "32"}
	for _, k := range p.keys(n, "limits", []string{"wall", "cpu", "memory", "output", "procs"}) {
		p.keep("limits", &k)
		var err error
		l := &p.f.Limits
		switch k.name {
		case "wall":
			l.Wall, err = parseDuration(k.val.Value)
		case "cpu":
			l.CPU, err = parseDuration(k.val.Value)
		case "memory":
			l.Memory, err = parseSize(k.val.Value)
		case "output":
			l.Output, err = parseSize(k.val.Value)
		case "procs":
			l.Procs, err = strconv.Atoi(k.val.Value)
			if err == nil && l.Procs <= 0 {
				err = errors.New("not positive")
			}
		}
		if err != nil {
			p.fail(p.pos(k.val), k.name+": "+examples[k.name], "%s: %q is no limit", k.name, k.val.Value)
		}
	}
}

func parseDuration(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if err == nil && d <= 0 {
		err = errors.New("not positive")
	}
	return d, err
}

const sizeUnits = "KMGT"

func parseSize(s string) (int64, error) {
	shift := 0
	if i := strings.IndexByte(sizeUnits, append([]byte(s), 0)[max(0, len(s)-1)]); i >= 0 {
		shift = 10 * (i + 1)
		s = s[:len(s)-1]
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err == nil && (n <= 0 || n > 1<<62>>shift) {
		err = errors.New("out of range")
	}
	return n << shift, err
}

func formatSize(n int64) string {
	unit := ""
	for i := 0; i < len(sizeUnits) && n%1024 == 0; i++ {
		n, unit = n/1024, sizeUnits[i:i+1]
	}
	return strconv.FormatInt(n, 10) + unit
}

func (p *fileParser) groups(n *yaml.Node) {
	for _, k := range p.keys(n, "groups", nil) {
		g := Group{Name: k.name, Pos: p.pos(k.at), Comment: k.comment()}
		switch bare, ok := strings.CutPrefix(g.Name, "@"); {
		case !ok:
			p.fail(g.Pos, strconv.Quote("@"+g.Name)+": [...]", "the name of a group begins with @")
		case !goodName(bare):
			p.fail(g.Pos, nameHint, "%q is no name for a group", g.Name)
		}
		p.strings(k.val, "a group", func(item *yaml.Node) {
			if !strings.HasPrefix(item.Value, "@") && !isCall(item.Value) {
				hint := didYouMean(item.Value)
				if effectByName(item.Value) != nil {
					hint = "a group is of calls and groups; effects stand in rules"
				}
				p.fail(p.pos(item), hint, "no call %q", item.Value)
			}
			p.keepComment("groups."+g.Name+"."+item.Value, comment(item))
			g.Members = append(g.Members, item.Value)
		})
		p.f.Groups = append(p.f.Groups, g)
	}
}

const nameHint = "letters, digits, _ - and ."

// goodName reports whether s can be the name of a profile, or of a group behind its
// @: a word of a rule.
func goodName(s string) bool {
	return s != "" && s[0] != '-' && !strings.ContainsFunc(s, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_-.", r)
	})
}

func didYouMean(name string) string {
	if n := match.Nearest(name, targetNames); n != "" {
		return "did you mean " + n + "?"
	}
	return ""
}

func (p *fileParser) profiles(n *yaml.Node) {
	for _, k := range p.keys(n, "profiles", nil) {
		prof := &Profile{Name: k.name, Pos: p.pos(k.at), Comment: k.comment()}
		if !goodName(k.name) {
			p.fail(prof.Pos, nameHint, "%q is no name for a profile", k.name)
		}
		p.f.Profiles = append(p.f.Profiles, prof)
		if k.val.Kind != yaml.MappingNode {
			p.rules(k.val, prof)
			continue
		}
		for _, k := range p.keys(k.val, fmt.Sprintf("profile %s", prof.Name), []string{"extends", "rules"}) {
			p.keep("profiles."+prof.Name, &k)
			if k.name == "extends" {
				prof.Extends, prof.extends = k.val.Value, p.pos(k.val)
				if k.val.Kind != yaml.ScalarNode || k.val.Value == "" {
					p.fail(prof.extends, "extends: main", "extends must be the name of one profile")
				}
				continue
			}
			p.rules(k.val, prof)
		}
	}
}

func (p *fileParser) rules(n *yaml.Node, prof *Profile) {
	if n.Tag == "!!null" {
		return // a profile without rules: everything gets the default
	}
	p.strings(n, "the rules of a profile", func(item *yaml.Node) {
		at := p.pos(item)
		if item.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
			at.Col++
		}
		r, err := parseRule(item.Value, at)
		if err != nil {
			p.add(err)
			return
		}
		r.Pos, r.Comment = p.pos(item), comment(item)
		prof.Rules = append(prof.Rules, r)
	})
}
