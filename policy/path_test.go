package policy

import "testing"

func TestApart(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"/usr/**", "/etc/**", true},
		{"/lib*/**", "/etc/ssl/**", true},
		{"/lib*/**", "/lib64/**", false},
		{"/usr/*", "/usr/x/y", true},
		{"/usr/*", "/usr/x", false},
		{"/usr/**", "/usr", false},
		{"/usr/*/a", "/usr/b/*", false},
		{"/usr/*/a", "/usr/b/c*", true},
		{"/a*/x", "/ab*/x", false},
		{"/**/x", "/etc/**", false},
		{"/{a,b}/x", "/c/*", false}, // not known
		{"/a/**", "/a/b/*", false},
		{"/a/*", "/a/*/**", false}, // /a/x/** is /a/x too
	} {
		p, q := compilePath(c.a, ident), compilePath(c.b, ident)
		if p.apart(&q) != c.want || q.apart(&p) != c.want {
			t.Errorf("%s, %s: got %v and %v, want %v", c.a, c.b, p.apart(&q), q.apart(&p), c.want)
		}
	}
}
