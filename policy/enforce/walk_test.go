package enforce

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// TestWalkNowhere: what is not there is named as rules name it.
func TestWalkNowhere(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir+"/file", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	w := walker{rootFD: -1}
	w.as(os.Getpid(), os.Getpid())
	defer w.done()
	for words, name := range map[string]string{
		"/no/x":            "/no/x",
		"/no//x/./y/":      "/no/x/y",
		"/no/a/../../etc/": "/etc",
		"/no/../x":         "/x",
		"/./no":            "/no",
		"/file//x/../y":    "/file/y", // a file is no directory
	} {
		at := w.walk(unix.AT_FDCWD, dir+words, want{})
		if at.path != dir+name || at.err == 0 {
			t.Errorf("%s: %s, %v; want %s", words, at.path, at.err, dir+name)
		}
		at.close()
	}
}
