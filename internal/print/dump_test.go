package print

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The form of strace's dumps.
func TestDump(t *testing.T) {
	var p []byte
	for i := range 40 {
		p = append(p, byte(i*7))
	}
	want := ` | 00000  00 07 0e 15 1c 23 2a 31  38 3f 46 4d 54 5b 62 69  .....#*18?FMT[bi |
 | 00010  70 77 7e 85 8c 93 9a a1  a8 af b6 bd c4 cb d2 d9  pw~............. |
 | 00020  e0 e7 ee f5 fc 03 0a 11                           ........         |
`
	if diff := cmp.Diff(want, string(AppendDump(nil, p))); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := AppendDump(nil, nil); len(got) != 0 {
		t.Errorf("nothing to dump: %q", got)
	}
	for _, test := range []struct {
		bytes int
		last  string
	}{{0x101, " | 00100 "}, {0x11170, " | 11160 "}, {0x100001, " | 100000 "}} {
		lines := bytes.Split(AppendDump(nil, make([]byte, test.bytes)), []byte("\n"))
		if last := lines[len(lines)-2]; !bytes.HasPrefix(last, []byte(test.last)) {
			t.Errorf("%d bytes: the last line is %s, want %s", test.bytes, last, test.last)
		}
	}
	if got, want := string(AppendVector(AppendBuffer(nil, 1, 8), 0, 2)), " * 8 bytes in buffer 1\n = 2 buffers in vector 0\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
