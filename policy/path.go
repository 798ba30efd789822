package policy

import (
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// A pathPattern is a pattern of paths, with variables replaced.
type pathPattern struct {
	pattern string
	prefix  string // of "/usr/**": "/usr"; the pattern is nothing but that
	exact   bool   // no magic in it
	static  string // the part before the first magic, up to a slash
}

const magic = `*?[{\`

func compilePath(s string, expand func(string) string) pathPattern {
	if s = expand(s); s == "" {
		s = "/" // of a variable that is the root
	}
	p := pathPattern{pattern: s, exact: !strings.ContainsAny(s, magic)}
	if head, ok := strings.CutSuffix(s, "/**"); ok && !strings.ContainsAny(head, magic) {
		p.prefix = head
	}
	if i := strings.IndexAny(s, magic); i >= 0 {
		p.static = s[:strings.LastIndexByte(s[:i], '/')+1]
	} else {
		p.static = s
	}
	return p
}

func (p *pathPattern) matches(path string) bool {
	switch {
	case p.exact:
		return path == p.pattern
	case p.prefix != "" || p.pattern == "/**":
		return under(path, p.prefix)
	}
	return doublestar.MatchUnvalidated(p.pattern, path)
}

// within reports whether the pattern can match something below a directory: who
// renames that directory moves what the pattern is about.
func (p *pathPattern) within(dir string) bool {
	s := strings.TrimSuffix(p.static, "/")
	return under(s, dir) || under(dir, s) && !p.exact
}

// apart reports whether it is sure that no path matches both patterns: name by
// name, up to the first **, two of them must differ.
func (p *pathPattern) apart(q *pathPattern) bool {
	if p.exact {
		return !q.matches(p.pattern)
	}
	if q.exact {
		return !p.matches(q.pattern)
	}
	if strings.ContainsAny(p.pattern+q.pattern, `{\`) { // may have a slash in it
		s, t := strings.TrimSuffix(p.static, "/"), strings.TrimSuffix(q.static, "/")
		return !under(s, t) && !under(t, s)
	}
	ps, qs := strings.Split(p.pattern, "/"), strings.Split(q.pattern, "/")
	for i := range max(len(ps), len(qs)) {
		switch {
		case i >= len(ps):
			return qs[i] != "**"
		case i >= len(qs):
			return ps[i] != "**"
		case ps[i] == "**" || qs[i] == "**":
			return false
		case namesApart(ps[i], qs[i]):
			return true
		}
	}
	return false
}

// namesApart is apart for the patterns of two names.
func namesApart(a, b string) bool {
	i, k := strings.IndexAny(a, magic), strings.IndexAny(b, magic)
	switch {
	case i < 0 && k < 0:
		return a != b
	case i < 0:
		return !doublestar.MatchUnvalidated(b, a)
	case k < 0:
		return !doublestar.MatchUnvalidated(a, b)
	}
	return !strings.HasPrefix(a[:i], b[:k]) && !strings.HasPrefix(b[:k], a[:i])
}

// under reports whether path is dir or below it. The root is "".
func under(path, dir string) bool {
	if dir == "" || dir == "/" {
		return strings.HasPrefix(path, "/")
	}
	return strings.HasPrefix(path, dir) && (len(path) == len(dir) || path[len(dir)] == '/')
}

// escape protects the magic characters of a path that is put into a pattern.
func escape(path string) string {
	if !strings.ContainsAny(path, magic) {
		return path
	}
	var b strings.Builder
	for i := range len(path) {
		if strings.IndexByte(magic+"]}", path[i]) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(path[i])
	}
	return b.String()
}
