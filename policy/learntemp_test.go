package policy

import "testing"

func TestMadeUp(t *testing.T) {
	for name, want := range map[string]int{
		"ccAbCdEf.s": 2, "ccabcdef.s": 0, "tmpq0m2k_x1": 3, "tmpabcdefgh": 3, "npm-1a2b3c": 4, ".python-version": 0,
		"config.toml": 0, "sess_8fJ2kq9Q": 5, "out.log": 0, "X11-unix": 0, "1234567": 0, "pip-build-ab12cd34": 10,
	} {
		if got := madeUp(name); got != want {
			t.Errorf("%s: got %d, want %d", name, got, want)
		}
	}
}

func TestLearnTemporary(t *testing.T) {
	var rec Recorder
	observe(t, &rec, "openat", -100, "/tmp/ccAbCdEf.s", oCreat|oRDWR)
	observe(t, &rec, "mkdir", "/tmp/npm-1a2b3c", 0o700)
	observe(t, &rec, "openat", -100, "/tmp/npm-1a2b3c/pkg/x", oCreat|oRDWR)
	observe(t, &rec, "openat", -100, "/tmp/fixed.log", oCreat|oRDWR)
	observe(t, &rec, "openat", -100, "/tmp/d6d9hewb", oCreat|oRDWR)
	observe(t, &rec, "openat", -100, "/srv/copy/.c.P8vCH4", oCreat|oRDWR)
	observe(t, &rec, "openat", -100, "/srv/temp-rewrite-4711.aof", oCreat|oRDWR)
	observe(t, &rec, "rename", "/srv/temp-rewrite-4711.aof", "/srv/whole.aof")
	observe(t, &rec, "stat", "/tmp/Xa12cd34ef") // it was there
	l, err := Learn(rec.Observations(), LearnOptions{Options: options()})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"allow fs.read /srv/copy/.c.?????? /srv/temp-rewrite-*.aof",
		"allow fs.read /tmp/???????? /tmp/cc* /tmp/fixed.log /tmp/npm-*/**",
		"allow fs.stat /tmp/Xa12cd34ef",
		"allow fs.write /srv/copy/.c.?????? /srv/temp-rewrite-*.aof /srv/whole.aof",
		"allow fs.write /tmp/???????? /tmp/cc* /tmp/fixed.log /tmp/npm-*/**",
	}
	for i, r := range l.Rules {
		if i >= len(want) || r.Rule.String() != want[i] {
			t.Errorf("got %s, want %s", r.Rule, want[min(i, len(want)-1)])
		}
	}
}

func TestDated(t *testing.T) {
	for name, want := range map[string]string{
		"/l/2026-11-25T10_52_28_210Z-debug-0.log": "/l/*-debug-0.log",
		"/l/app.20261125.log":                     "/l/app.*.log",
		"/l/x-1764068000.tmp":                     "/l/x-*.tmp",
		"/l/20261125-1.log":                       "/l/*-1.log",
		"/l/libfoo.so.1.2.3":                      "",
		"/l/version-2026":                         "",
	} {
		if got, _ := dated(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

// TestLearnEphemeral: a port that the kernel has chosen is another one next time.
func TestLearnEphemeral(t *testing.T) {
	var rec Recorder
	observe(t, &rec, "connect", 3, inet([4]byte{127, 0, 0, 1}, 40000), 16)
	observe(t, &rec, "connect", 3, inet([4]byte{127, 0, 0, 1}, 80), 16)
	observe(t, &rec, "connect", 3, inet([4]byte{10, 0, 0, 1}, 40000), 16)
	l, err := Learn(rec.Observations(), LearnOptions{Options: options()})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := l.Rules[0].Rule.String(), "allow net.connect ip 10.0.0.1:40000 127.0.0.1:32768-60999 127.0.0.1:80"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
