package main

import (
	"strings"
	"testing"

	"github.com/creack/pty"
)

// Progress is shown on a terminal that can erase a line, in one line of it, also where
// nobody has said how wide it is.
func TestStatusLine(t *testing.T) {
	for _, test := range []struct {
		kind string
		cols uint16
		want string // "": no line at all
	}{
		{"xterm", 0, "\r\x1b[K" + strings.Repeat("x", 79)},
		{"xterm", 10, "\r\x1b[K" + strings.Repeat("x", 9)},
		{"dumb", 80, ""},
	} {
		master, slave, err := pty.Open()
		if err != nil {
			t.Skipf("no terminals here: %v", err)
		}
		defer master.Close()
		defer slave.Close()
		if err := pty.Setsize(master, &pty.Winsize{Cols: test.cols}); err != nil {
			t.Fatal(err)
		}
		t.Setenv("TERM", test.kind)
		show := statusLine(slave)
		if show == nil || test.want == "" {
			if show != nil || test.want != "" {
				t.Errorf("%s: a line is shown: %v", test.kind, show != nil)
			}
			continue
		}
		show(strings.Repeat("x", 100))
		got := make([]byte, 200)
		n, err := master.Read(got)
		if err != nil || string(got[:n]) != test.want {
			t.Errorf("%s of %d columns: %q, %v; want %q", test.kind, test.cols, got[:n], err, test.want)
		}
	}
	if statusLine(&strings.Builder{}) != nil {
		t.Error("there is a line where there is no terminal")
	}
}
