package notation_test

import (
	"testing"

	"strait/internal/notation"

	"github.com/google/go-cmp/cmp"
)

func TestSplitArgs(t *testing.T) {
	for s, want := range map[string][]string{
		`AT_FDCWD</w>, "a, )b", O_RDONLY) = 3</w/a>`: {`AT_FDCWD</w>`, `"a, )b"`, `O_RDONLY`},
		`) = 1`:                                        nil,
		`[{a=1, b=2}, {}], 'a', ',', NULL) = 0`:        {`[{a=1, b=2}, {}]`, `'a'`, `','`, `NULL`},
		`0x7ff /* 9 vars, or (so */, 1<<3) = 0`:        {`0x7ff /* 9 vars, or (so */`, `1<<3`},
		`3<TCP:[1.1.1.1:1->2.2.2.2:2]>, 4</a,b->) = 0`: {`3<TCP:[1.1.1.1:1->2.2.2.2:2]>`, `4</a,b->`},
	} {
		got, end := notation.SplitArgs(s)
		if diff := cmp.Diff(want, got); diff != "" || end < 0 {
			t.Errorf("%s: end %d, %s", s, end, diff)
		}
	}
	if got, end := notation.SplitArgs(`3, "x`); end != -1 || len(got) != 2 {
		t.Errorf("%q, end %d", got, end)
	}
}

func TestAngleEnd(t *testing.T) {
	for s, want := range map[string]int{
		"3</a>, 1": 4, "3</dev/null<char 1:3>>)": 21, "3<TCP:[1->2]>, 3": 12, "3</a->, 1": 5, "3</a->": 5, "1<< 2": 0, "1<= 1": 0, "3</a": 0, "3<... x>": 0, "a</b>": 0,
	} {
		if got := notation.AngleEnd(s, 1); got != want {
			t.Errorf("%s: got %d, want %d", s, got, want)
		}
	}
}

func TestUnquote(t *testing.T) {
	for s, want := range map[string]string{
		`"a"`: "a", `"\n\t\"\\"`: "\n\t\"\\", `"\0\1012\x41z"`: "\x00A2Az", `""`: "",
	} {
		if got, err := notation.Unquote(s); err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", s, got, err, want)
		}
	}
	for _, s := range []string{``, `"`, `a`, `"a`, `"a"b"`, `"\xzz"`, `"\777"`} {
		if got, err := notation.Unquote(s); err == nil {
			t.Errorf("%s is a string: %q", s, got)
		}
	}
}
