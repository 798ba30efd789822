package main

import "testing"

func TestFindSubcommand(t *testing.T) {
	for _, c := range []struct {
		argv []string
		want string
	}{
		{[]string{"strait", "run", "true"}, "run"},
		{[]string{"/usr/bin/strait", "run"}, "run"},
		{[]string{"strait", "--", "run"}, ""},
		{[]string{"strait", "-f", "run"}, ""},
		{[]string{"strait", "ls"}, ""},
		{[]string{"strait"}, ""},
		{[]string{"strace", "run", "true"}, ""},
		{[]string{"/usr/bin/strace", "help"}, ""},
	} {
		got := ""
		if s := findSubcommand(c.argv); s != nil {
			got = s.name
		}
		if got != c.want {
			t.Errorf("%q is the subcommand %q, want %q", c.argv, got, c.want)
		}
	}
}
