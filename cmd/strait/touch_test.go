package main

import (
	"testing"

	"strait/syscalls"
)

// TestTouch: which descriptors and names of a call count.
func TestTouch(t *testing.T) {
	mem := make(flatMemory, 0x100)
	copy(mem, "/a\x00/b\x00")
	const a, b, at = 0x1000, 0x1003, 0xffffff9c
	copy(mem[0x10:], []byte{5, 0, 0, 0, 6}) // int[] {5, 6}
	for _, test := range []struct {
		name  string
		args  [6]uint64
		fds   []int    // that do
		paths []string // that do
	}{
		{"read", [6]uint64{5}, []int{5}, nil},
		{"read", [6]uint64{^uint64(0)}, nil, nil},
		{"openat", [6]uint64{at, a}, nil, []string{"/a"}},
		{"openat", [6]uint64{6, b}, []int{6}, []string{"/b"}},
		{"renameat", [6]uint64{5, a, 6, b}, []int{5, 6}, []string{"/a", "/b"}},
		{"rename", [6]uint64{a, b}, nil, []string{"/a"}},
		{"link", [6]uint64{a, b}, nil, []string{"/a", "/b"}},
		{"symlink", [6]uint64{a, b}, nil, []string{"/b"}},
		{"symlinkat", [6]uint64{a, 5, b}, []int{5}, []string{"/b"}},
		{"epoll_ctl", [6]uint64{5, 1, 6}, []int{6}, nil},
		{"fanotify_mark", [6]uint64{5, 0, 0, 6, a}, []int{6}, []string{"/a"}},
		{"waitid", [6]uint64{3, 5}, nil, nil},
		{"io_uring_register", [6]uint64{7, 2, 0x1010, 2}, []int{7}, nil},
		{"mmap", [6]uint64{0, 9, 1, 2, 5, 0}, []int{5}, nil},
	} {
		abi := syscalls.ByID(syscalls.AMD64)
		nr, ok := abi.Number(test.name)
		if !ok {
			t.Fatal(test.name)
		}
		var dec syscalls.Decoder
		ev := &syscalls.Event{ABI: abi, Nr: nr, Args: test.args, Verbose: true, Abbrev: true}
		dec.Enter(ev, mem)
		touches := func(o *Options) bool { return (&session{o: o, noTouch: noTouch()}).matches(ev) }
		for _, fd := range []int{5, 6, 7} {
			want := false
			for _, x := range test.fds {
				want = want || x == fd
			}
			if got := touches(&Options{TraceFDs: &fdSet{fds: []int{fd}}}); got != want {
				t.Errorf("%s touches descriptor %d: %v, want %v", test.name, fd, got, want)
			}
		}
		if got, want := touches(&Options{TraceFDs: &fdSet{not: true}}), len(test.fds) > 0; got != want {
			t.Errorf("%s touches any descriptor: %v, want %v", test.name, got, want)
		}
		for _, path := range []string{"/a", "/b"} {
			want := false
			for _, x := range test.paths {
				want = want || x == path
			}
			if got := touches(&Options{Paths: []tracePath{{Path: path}}}); got != want {
				t.Errorf("%s touches %s: %v, want %v", test.name, path, got, want)
			}
		}
	}
}

func TestGlob(t *testing.T) {
	for _, test := range []struct {
		pattern, path string
		want          bool
	}{
		{"/etc/*", "/etc/passwd", true},
		{"/etc/*", "/etc/a/b", false},
		{"/etc/**", "/etc/a/b", true},
		{"/etc/*", "/etc/passwd\x00<char 1:3>", true}, // a descriptor with details
		{"/[ab]?", "/bc", true},
		{"/{a,b}", "/c", false},
		{"/[a", "/[a", true}, // no pattern: the name itself
		{"/[a", "/a", false},
	} {
		s := &session{o: &Options{Paths: []tracePath{{Path: test.pattern, Glob: isGlob(test.pattern)}}}}
		if got := s.path(test.path); got != test.want {
			t.Errorf("%s matches %q: %v, want %v", test.pattern, test.path, got, test.want)
		}
	}
}
