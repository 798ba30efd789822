package cases

import "testing"

func TestHelps(t *testing.T) {
	for _, test := range []struct {
		frames []string
		want   bool
	}{
		{nil, false},
		{[]string{"/usr/lib/x/libc.so.6(write+0x1) write.c:1", "/usr/bin/cp()"}, false},
		{[]string{"/usr/lib/x/libc.so.6(write+0x1)", "$BUILD/a(_start+0x21)"}, false},
		{[]string{"/usr/lib/x/libc.so.6(write+0x1)", "$BUILD/a(main+0x21) a.c:3"}, true},
	} {
		if got := helps(test.frames); got != test.want {
			t.Errorf("%q: %v", test.frames, got)
		}
	}
}
